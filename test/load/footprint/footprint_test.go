package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admission "k8s.io/api/admission/v1"
	networking "k8s.io/api/networking/v1"
)

func TestFiguresStandBesideTheirLimits(t *testing.T) {
	figures := []figure{
		{"at rest, resident", 25.04, mebibytes, 25},
		{"… of that the process's own", 7.25, mebibytes, 0},
		{"start to ready", 120, milliseconds, 300},
	}
	var table strings.Builder
	require.NoError(t, writeFigures(&table, figures))
	assert.Equal(t, 1, countBroken(figures))
	assert.Equal(t, `
what                          figure     limit
at rest, resident             25.0 MiB   ≤ 25.0 MiB BROKEN
… of that the process's own   7.2 MiB    –
start to ready                120 ms     ≤ 300 ms
`, "\n"+table.String())
}

func TestASymbolWeighsForItsModule(t *testing.T) {
	modules := []string{"example.com/holdfast", "k8s.io/api", "k8s.io/apimachinery", "example.com/holdfast/more"}
	for symbol, want := range map[string]string{
		"k8s.io/api/core/v1.(*Pod).Size":            "k8s.io/api",
		"k8s.io/apimachinery/pkg/runtime.NewScheme": "k8s.io/apimachinery",
		"main.run":                                       "example.com/holdfast",
		"example.com/holdfast/policy.Evaluate":           "example.com/holdfast",
		"example.com/holdfast/more.Do":                   "example.com/holdfast/more",
		"net/http.(*Server).Serve":                       standardLibrary,
		"slices.SortFunc[go.shape.[]k8s.io/api/core/v1]": standardLibrary,
	} {
		assert.Equal(t, want, owner(symbol, modules), symbol)
	}
}

func TestModulesHaveTheirSharesOfTheBinary(t *testing.T) {
	t.Chdir("..") // where the program is run
	shares, err := weigh(t.Context())
	require.NoError(t, err)
	heaviest := make(map[string]bool)
	for _, s := range shares[:maxShares] {
		heaviest[s.of] = true
	}
	assert.Contains(t, heaviest, standardLibrary)
	assert.Contains(t, heaviest, lineTables)
	assert.Contains(t, heaviest, "github.com/holdfast-dev/holdfast")
}

func TestATraceOfInitsIsReadAmongOtherLines(t *testing.T) {
	all, err := readInits(strings.NewReader(`init errors @0.75 ms, 0.082 ms clock, 16 bytes, 1 allocs
{"level":"INFO","msg":"policy in force"}
init k8s.io/client-go/kubernetes/scheme @15 ms, 2.1 ms clock, 668744 bytes, 5582 allocs
init main @36 ms, 0 ms clock, 8 bytes, 1 allocs
`))
	require.NoError(t, err)
	var table strings.Builder
	require.NoError(t, writeInits(&table, all))
	assert.Equal(t, `
what runs before main                ms     KB      allocations
k8s.io/client-go/kubernetes/scheme   2.10   668.7   5582
errors                               0.08   0.0     1
main                                 0.00   0.0     1
all 3 packages                       2.18   668.8   5584
`, "\n"+strings.TrimPrefix(table.String(), "\n"))
}

func TestMemoryIsReadAsTheKernelTellsIt(t *testing.T) {
	u, err := readUsage("Name:\tholdfast\nVmHWM:\t   39412 kB\nVmRSS:\t   38912 kB\nRssAnon:\t    6656 kB\nRssFile:\t   32256 kB\n")
	require.NoError(t, err)
	assert.Equal(t, usage{resident: 38, peak: 39412. / 1024, anonymous: 6.5, file: 31.5}, u)
	_, err = readUsage("Name:\tkthreadd\n")
	require.Error(t, err)
}

func TestALargeReviewIsValidAndAlmostOfItsSize(t *testing.T) {
	for _, size := range []int{largeReview, maxReview} {
		body, err := enlarged(size)
		require.NoError(t, err)
		assert.InDelta(t, size, len(body), 64<<10)
		assert.LessOrEqual(t, len(body), size)
		var review admission.AdmissionReview
		require.NoError(t, json.Unmarshal(body, &review))
		var now, old networking.Ingress
		require.NoError(t, json.Unmarshal(review.Request.Object.Raw, &now))
		require.NoError(t, json.Unmarshal(review.Request.OldObject.Raw, &old))
		assert.Equal(t, now.Spec.Rules, old.Spec.Rules)
		assert.NotEqual(t, now.Labels, old.Labels)
	}
}
