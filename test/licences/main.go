// Licences writes the licences of all that is linked into a binary: of its modules,
// and of Go itself.
//
//	go run test/licences/main.go bin/holdfast > bin/NOTICE
//
// It needs the modules in the module cache, where building the binary has put them.
package main

import (
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: licences BINARY")
	}
	var notice bytes.Buffer
	if err := write(&notice, os.Args[1]); err != nil {
		log.Fatal(err)
	}
	if _, err := notice.WriteTo(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func write(out io.Writer, binary string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("reading the modules of the binary: %w", err)
	}
	fmt.Fprintf(out, "%s is built with the following, which have licences of their own.\n", filepath.Base(binary))
	root, err := goCommand("env", "GOROOT")
	if err != nil {
		return err
	}
	if err := writeTexts(out, "Go "+strings.TrimPrefix(info.GoVersion, "go"), root); err != nil {
		return err
	}
	// The project's own modules have its licence.
	modules := slices.DeleteFunc(info.Deps, func(module *debug.Module) bool { return strings.HasPrefix(module.Path, info.Main.Path+"/") })
	folders, err := foldersOf(modules)
	if err != nil {
		return err
	}
	for i, module := range modules {
		if err := writeTexts(out, module.Path+" "+module.Version, folders[i]); err != nil {
			return err
		}
	}
	return nil
}

// foldersOf returns where the modules' sources are. All are modules that the one in
// the working directory requires.
func foldersOf(modules []*debug.Module) ([]string, error) {
	arguments := []string{"list", "-m", "-f", "{{.Dir}}"}
	for _, module := range modules {
		arguments = append(arguments, module.Path)
	}
	output, err := goCommand(arguments...)
	if err != nil {
		return nil, err
	}
	folders := strings.Split(output, "\n")
	if len(folders) != len(modules) || slices.Contains(folders, "") {
		return nil, errors.New("a module of the binary isn't in the module cache: build it again")
	}
	return folders, nil
}

func goCommand(arguments ...string) (string, error) {
	output, err := exec.Command("go", arguments...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("go %s: %w: %s", strings.Join(arguments, " "), err, failed.Stderr)
	}
	return strings.TrimSpace(string(output)), err
}

// legal matches the names of files that have to go with a binary.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// writeTexts writes the legal texts at the top of a folder. A module without one may
// not be passed on.
func writeTexts(out io.Writer, name, folder string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	found := false
	for _, file := range files {
		if !file.Type().IsRegular() || !legal.MatchString(file.Name()) {
			continue
		}
		text, err := fs.ReadFile(os.DirFS(folder), file.Name())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n%s\n%s: %s\n\n%s\n", strings.Repeat("-", 80), name, file.Name(), bytes.TrimSpace(text))
		found = true
	}
	if !found {
		return fmt.Errorf("%s has no licence in %s", name, folder)
	}
	return nil
}
