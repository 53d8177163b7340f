package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
)

func status(out io.Writer) error {
	running, err := local.List()
	if err != nil {
		return err
	}
	if len(running) == 0 {
		_, err := fmt.Fprintln(out, "No cluster runs here.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FOLDER\tPROCESS\tKUBECONFIG\tLOGS")
	for _, c := range running {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", c.Dir, c.Process, c.Kubeconfig, filepath.Join(c.Dir, "logs"))
	}
	return table.Flush()
}

// down interrupts clusters and waits until they have gone. Without a word which,
// it stops the only one: others may be somebody else's.
func down(args []string, log io.Writer) error {
	flags := flag.NewFlagSet("down", flag.ContinueOnError)
	all := flags.Bool("all", false, "stop every cluster of this machine")
	if err := flags.Parse(args); err != nil {
		return err
	}
	running, err := local.List()
	if err != nil {
		return err
	}
	chosen, err := choose(running, flags.Args(), *all)
	if err != nil {
		return err
	}
	for _, c := range chosen {
		if err := stop(c); err != nil {
			return fmt.Errorf("stopping %s: %w", c.Dir, err)
		}
		fmt.Fprintln(log, "stopped", c.Dir)
	}
	return nil
}

func choose(running []local.Description, dirs []string, all bool) ([]local.Description, error) {
	if all || len(dirs) == 0 && len(running) <= 1 {
		return running, nil
	}
	var chosen []local.Description
	for _, dir := range dirs {
		at := slices.IndexFunc(running, func(c local.Description) bool { return c.Dir == filepath.Clean(dir) })
		if at < 0 {
			return nil, fmt.Errorf("no cluster runs in %s", dir)
		}
		chosen = append(chosen, running[at])
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%d clusters run here: name the folder of one (see \"cluster status\"), or say --all", len(running))
	}
	return chosen, nil
}

func stop(c local.Description) error {
	if err := syscall.Kill(c.Process, syscall.SIGTERM); err != nil {
		return err
	}
	return gone(c.Dir)
}

func gone(dir string) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return nil
		}
	}
	return fmt.Errorf("%s is still there a minute later", dir)
}
