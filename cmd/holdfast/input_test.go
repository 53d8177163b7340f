package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A signal that the program catches doesn't end a read of a terminal by itself.
func TestACommandThatWaitsForItsInputCanBeInterrupted(t *testing.T) {
	for _, arguments := range []string{
		"inject -f -", "uninject -f -", "audit -f -", "audit --audit-log -", "describe ingress/chat -f -", "policy validate -f -",
	} {
		t.Run(strings.ReplaceAll(arguments, "/", " "), func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			silent, terminal := io.Pipe()
			defer terminal.Close()
			exit := make(chan int, 1)
			go func() {
				exit <- run(ctx, "holdfast", strings.Fields(arguments), streams{silent, io.Discard, io.Discard})
			}()
			_, err := terminal.Write([]byte("#\n")) // It ends when the command has read it.
			require.NoError(t, err)
			interrupt()
			select {
			case code := <-exit:
				assert.Equal(t, exitFailed, code)
			case <-time.After(10 * time.Second):
				require.Fail(t, "it still waits")
			}
		})
	}
}

// A command reads all of its input, and one that needs none leaves it to others.
func TestInputIsReadOnlyByThoseWhoNeedIt(t *testing.T) {
	text := strings.Repeat("0123456789", 100_000)
	from := strings.NewReader(text)
	in := &input{ctx: t.Context(), from: from}
	assert.Equal(t, len(text), from.Len())
	read, err := io.ReadAll(in)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(read, []byte(text)))
	failing := &input{ctx: t.Context(), from: io.MultiReader(strings.NewReader("a"), failingReader{})}
	_, err = io.ReadAll(failing)
	assert.ErrorIs(t, err, io.ErrNoProgress)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrNoProgress }
