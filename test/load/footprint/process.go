package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// usage is the memory of a process in MiB, as /proc/PID/status has it. Resident
// counts everything in the machine's memory, so also the pages of the program's
// file, which all its processes share and which the kernel may drop at any time.
type usage struct {
	resident, peak  float64
	anonymous, file float64
}

func usageOf(process int) (usage, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return usage{}, err
	}
	return readUsage(string(text))
}

func readUsage(status string) (u usage, err error) {
	for field, into := range map[string]*float64{
		"VmRSS:": &u.resident, "VmHWM:": &u.peak, "RssAnon:": &u.anonymous, "RssFile:": &u.file,
	} {
		_, after, found := strings.Cut(status, "\n"+field)
		if !found {
			return usage{}, fmt.Errorf("the process's status has no %s", field)
		}
		kibibytes, err := strconv.Atoi(strings.Fields(after)[0])
		if err != nil {
			return usage{}, fmt.Errorf("reading %s %w", field, err)
		}
		*into = float64(kibibytes) / 1024
	}
	return u, nil
}

// processOf finds the process of a pod that has one container. The name of the
// pod is the container's host name.
func processOf(pod string) (int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return 0, err
	}
	variable := []byte("\x00HOSTNAME=" + pod + "\x00")
	for _, file := range files {
		// Most processes are none of our business, and some go while we look.
		environment, err := os.ReadFile(file)
		if err == nil && bytes.Contains(append([]byte{0}, environment...), variable) {
			return strconv.Atoi(filepath.Base(filepath.Dir(file)))
		}
	}
	return 0, errors.New("no process of this machine runs pod " + pod)
}
