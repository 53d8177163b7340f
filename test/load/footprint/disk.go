package main

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// maxBinary is the limit for the program, in megabytes.
const maxBinary = 40

func onDisk(program string) ([]figure, error) {
	file, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	return []figure{{"the binary", float64(file.Size()) / 1e6, megabytes, maxBinary}}, nil
}

// share is what a module adds to the binary, in bytes.
type share struct {
	of    string
	bytes uint64
}

// weigh builds the program once more, with the symbols that make build leaves
// out, and returns the size of each module in it, the largest first.
func weigh(ctx context.Context) ([]share, error) {
	folder, err := os.MkdirTemp("", "holdfast-footprint-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "holdfast")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "./cmd/holdfast")
	build.Dir = "../.."
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building holdfast: %w\n%s", err, output)
	}
	return sharesOf(program)
}

const (
	standardLibrary = "Go's standard library and runtime"
	lineTables      = "all: line tables (.gopclntab)"
)

// sharesOf adds up the symbols of each module, code and data. What the linker
// writes for all of them together stands by itself.
func sharesOf(program string) ([]share, error) {
	built, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	modules := []string{built.Main.Path}
	for _, m := range built.Deps {
		modules = append(modules, m.Path)
	}
	file, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		return nil, err
	}
	weights := make(map[string]uint64)
	for _, s := range symbols {
		if onDisk := int(s.Section) < len(file.Sections) && file.Sections[s.Section].Type == elf.SHT_PROGBITS; onDisk {
			weights[owner(s.Name, modules)] += s.Size
		}
	}
	if section := file.Section(".gopclntab"); section != nil {
		weights[lineTables] = section.Size
	}
	var shares []share
	for _, of := range slices.Sorted(maps.Keys(weights)) {
		shares = append(shares, share{of, weights[of]})
	}
	slices.SortStableFunc(shares, func(a, b share) int { return cmp.Compare(b.bytes, a.bytes) })
	return shares, nil
}

// owner is the module that a symbol comes from: "k8s.io/api" of
// "k8s.io/api/core/v1.(*Pod).Size".
func owner(symbol string, modules []string) string {
	if strings.HasPrefix(symbol, "main.") {
		return modules[0]
	}
	// Instances of generic code name their types behind the bracket.
	name, _, _ := strings.Cut(symbol, "[")
	var longest string
	for _, m := range modules {
		if after, ok := strings.CutPrefix(name, m); ok && len(m) > len(longest) && strings.IndexAny(after, "/.") == 0 {
			longest = m
		}
	}
	return cmp.Or(longest, standardLibrary)
}

// maxShares is how many are shown.
const maxShares = 15

func writeShares(out io.Writer, shares []share) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\nwhat weighs in the binary\tMB")
	for _, s := range shares[:min(maxShares, len(shares))] {
		fmt.Fprintf(table, "%s\t%.1f\n", s.of, float64(s.bytes)/1e6)
	}
	return table.Flush()
}
