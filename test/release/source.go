package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// source is the commit that is released, in a clone of its own, so that nothing gets
// into a release that isn't committed.
type source struct {
	path string
	// commit is its hash, and committed its time. Archives, image and chart carry this
	// time, so that two builds of a commit are the same.
	commit    string
	committed time.Time
	// version is the chart's, which is also Holdfast's.
	version string
}

// clone returns the commit that is checked out in a repository.
func clone(ctx context.Context, repository, path string) (*source, error) {
	if _, err := output(ctx, ".", "git", "clone", "--quiet", "--shared", repository, path); err != nil {
		return nil, err
	}
	described, err := output(ctx, path, "git", "log", "-1", "--format=%H %cI")
	if err != nil {
		return nil, err
	}
	commit, date, _ := strings.Cut(strings.TrimSpace(described), " ")
	committed, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return nil, fmt.Errorf("reading the date of the commit: %w", err)
	}
	tags, err := output(ctx, path, "git", "tag", "--points-at", "HEAD")
	if err != nil {
		return nil, err
	}
	version, err := chartVersion(filepath.Join(path, chartFolder, "Chart.yaml"), strings.Fields(tags))
	if err != nil {
		return nil, err
	}
	return &source{path: path, commit: commit, committed: committed.UTC(), version: version}, nil
}

// chartVersion returns the version in a Chart.yaml. The commit's tag, if there is one,
// has to name the same.
func chartVersion(file string, tags []string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var chart struct{ Version, AppVersion string }
	if err := yaml.Unmarshal(text, &chart); err != nil {
		return "", fmt.Errorf("reading %s: %w", file, err)
	}
	if chart.Version != chart.AppVersion {
		return "", fmt.Errorf("the chart has version %s, but appVersion %s", chart.Version, chart.AppVersion)
	}
	for _, tag := range tags {
		if strings.HasPrefix(tag, "v") && tag != "v"+chart.Version {
			return "", fmt.Errorf("the commit has the tag %s, but the chart version %s", tag, chart.Version)
		}
	}
	return chart.Version, nil
}

// output runs a program in a folder and returns what it writes.
func output(ctx context.Context, folder, program string, arguments ...string) (string, error) {
	return outputWith(ctx, nil, folder, program, arguments...)
}

// outputWith is output with some more variables in the environment.
func outputWith(ctx context.Context, environment []string, folder, program string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	out, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", filepath.Base(program), strings.Join(arguments, " "), err)
	}
	return string(out), nil
}
