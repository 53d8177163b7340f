package node

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// serveLog answers "kubectl logs". Of its options it knows --follow and --tail.
func (n *Provider) serveLog(w http.ResponseWriter, r *http.Request) {
	namespace, pod := r.PathValue("namespace"), r.PathValue("pod")
	log, err := os.Open(n.logFile(namespace, pod, r.PathValue("container")))
	if err != nil {
		http.Error(w, "nothing has run in this container yet", http.StatusNotFound)
		return
	}
	defer log.Close()
	if lines, err := strconv.Atoi(r.FormValue("tailLines")); err == nil {
		if err := seekTail(log, lines); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	var text io.Reader = log
	if r.FormValue("follow") == "true" {
		text = &follower{file: log, ctx: r.Context(), over: func() bool { return n.pod(namespace, pod) == nil }}
	}
	_, _ = io.Copy(flushing{w}, text) // the reader may leave at any time
}

// seekTail leaves only the last lines to be read.
func seekTail(log *os.File, lines int) error {
	content, err := io.ReadAll(log)
	if err != nil {
		return err
	}
	start := len(bytes.TrimSuffix(content, []byte("\n")))
	for ; lines > 0 && start >= 0; lines-- {
		start = bytes.LastIndexByte(content[:start], '\n')
	}
	_, err = log.Seek(int64(start+1), io.SeekStart)
	return err
}

// follower reads on at the end of a file until the pod has gone.
type follower struct {
	file *os.File
	ctx  context.Context
	over func() bool
}

func (f *follower) Read(buffer []byte) (int, error) {
	for {
		over := f.over()
		n, err := f.file.Read(buffer)
		if n > 0 || err != io.EOF || over {
			return n, err
		}
		if !sleep(f.ctx, 200*time.Millisecond) {
			return 0, io.EOF
		}
	}
}

// flushing sends every line on its way as soon as it is there.
type flushing struct{ http.ResponseWriter }

func (f flushing) Write(text []byte) (int, error) {
	n, err := f.ResponseWriter.Write(text)
	if err == nil {
		err = http.NewResponseController(f.ResponseWriter).Flush()
	}
	return n, err
}
