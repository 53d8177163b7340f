package webhook

import (
	"fmt"
	"net/http"
	"strings"
)

// Check is a condition of readiness.
type Check struct {
	Name string
	// Ready returns an error while the condition isn't met.
	Ready func() error
	// Note returns a remark for admins on a condition that is met; may be nil.
	Note func() string
}

// HealthServer returns the server of /healthz, which succeeds while the process runs,
// and of /readyz, which lists each condition with the reason why it isn't met. The
// checks of controller-runtime's manager withhold the reason.
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
	// A client that reaches the port can make it hold no more for a connection than short
	// headers, and that not for long.
	return &http.Server{
		Addr: address, Handler: mux, MaxHeaderBytes: maxHeader,
		ReadTimeout: requestDeadline, WriteTimeout: requestDeadline, IdleTimeout: idleDeadline,
	}
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
