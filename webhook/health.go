package webhook

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Check is a condition of readiness.
type Check struct {
	Name string
	// Ready tells why the condition doesn't hold.
	Ready func() error
	// Note says what an admin should know although it holds; may be nil.
	Note func() string
}

// HealthServer answers /healthz, always well while the process runs, and
// /readyz, which names each condition and why it doesn't hold.
func HealthServer(address string, checks ...Check) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		text, ready := readiness(checks)
		if !ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = fmt.Fprint(w, text)
	})
	return &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: requestDeadline, IdleTimeout: time.Minute}
}

func readiness(checks []Check) (text string, ready bool) {
	var out strings.Builder
	ready = true
	for _, c := range checks {
		if err := c.Ready(); err != nil {
			ready = false
			fmt.Fprintf(&out, "[-] %s: %v\n", c.Name, err)
			continue
		}
		fmt.Fprintf(&out, "[+] %s%s\n", c.Name, c.note())
	}
	return out.String(), ready
}

func (c Check) note() string {
	if c.Note == nil || c.Note() == "" {
		return ""
	}
	return ": " + c.Note()
}
