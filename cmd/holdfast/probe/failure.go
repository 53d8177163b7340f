package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// Failure is why a WebSocket couldn't be opened.
type Failure struct {
	// Status is the answer's status; zero if there was none.
	Status int `json:"status,omitempty"`
	// Body is the first line of the answer's body.
	Body string `json:"body,omitempty"`
	// Location is where the answer redirects to.
	Location string `json:"location,omitempty"`
	// Problem is what happened, and Remedy what to do.
	Problem string `json:"problem"`
	Remedy  string `json:"remedy,omitempty"`
}

// String returns the problem with what the server said.
func (f Failure) String() string {
	if f.Body == "" {
		return f.Problem
	}
	return f.Problem + ": " + f.Body
}

// statuses say what the answers to a handshake mean. Nothing writes to it.
var statuses = map[int]struct{ problem, remedy string }{
	http.StatusOK: {
		"it was answered as an ordinary request", "check the path; if it is right, a proxy in front drops the header Upgrade",
	},
	http.StatusBadRequest: {
		"the server takes it for a bad request",
		"a proxy in front may drop the header Upgrade; with Socket.IO a request may have reached another pod than the one before",
	},
	http.StatusUnauthorized:     {"the server wants credentials", "send them with --header"},
	http.StatusForbidden:        {"the server refuses it", "it may accept other origins only: set --origin"},
	http.StatusNotFound:         {"nothing is served at this host and path", "check the path, and the Ingress's host with --host"},
	http.StatusMethodNotAllowed: {"the path takes no GET", "check the path"},
	http.StatusUpgradeRequired:  {"the server got no WebSocket handshake", "a proxy in front drops the header Upgrade: have it pass Upgrade and Connection on"},
	http.StatusTooManyRequests:  {"the server limits how many requests it takes", "use fewer sockets, or a longer ramp"},
	http.StatusInternalServerError: {
		"the server failed", "see its log",
	},
	http.StatusBadGateway:         {"the ingress controller got no valid answer from the pod", "see whether the pod serves the Service's port"},
	http.StatusServiceUnavailable: {"no pod can answer", "see whether the Service has ready pods: kubectl get endpointslices"},
	http.StatusGatewayTimeout:     {"the pod didn't answer in time", "see whether the pod can be reached and isn't overloaded"},
}

// newFailure returns why a handshake failed. The response is nil if there was none.
func newFailure(response *http.Response, err error, t *Target) *Failure {
	if response == nil {
		problem, remedy := connectProblem(err, t)
		return &Failure{Problem: problem, Remedy: remedy}
	}
	f := &Failure{Status: response.StatusCode, Location: firstLine(response.Header.Get("Location"))}
	if response.Body != nil {
		// It is at most 1 KiB, and has been read already.
		text, _ := io.ReadAll(response.Body)
		f.Body = firstLine(string(text))
	}
	known, found := statuses[f.Status]
	switch {
	case f.Status == http.StatusSwitchingProtocols:
		f.Problem = "the answer to the handshake is invalid: " + firstLine(lastPart(err))
	case f.Status >= http.StatusMultipleChoices && f.Status < http.StatusBadRequest:
		f.Body = ""
		f.Problem = fmt.Sprintf("HTTP %d: it is redirected to %q, which browsers don't follow for a WebSocket", f.Status, f.Location)
		f.Remedy = "use that URL, or serve the WebSocket here"
	case found:
		f.Problem, f.Remedy = fmt.Sprintf("HTTP %d: %s", f.Status, known.problem), known.remedy
	default:
		f.Problem = fmt.Sprintf("HTTP %d", f.Status)
	}
	return f
}

// lastPart returns an error's last cause, without what was being done.
func lastPart(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

// connectProblem returns why there was no answer at all.
func connectProblem(err error, t *Target) (problem, remedy string) {
	if problem, remedy = certificateProblem(err); problem != "" {
		return problem, remedy
	}
	var dns *net.DNSError
	var notTLS tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("the name %q can't be resolved", firstLine(dns.Name)), "use an address in the URL and --host for the name"
	case errors.As(err, &notTLS) || errors.Is(err, http.ErrSchemeMismatch):
		return "the server doesn't speak TLS on this port", "write ws:// instead of wss://, or use the port of TLS"
	case errors.As(err, &alert):
		return "the server ended the TLS handshake: " + firstLine(alert.Error()), "it may know no certificate for this name: set --host"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused", "nothing listens on " + firstLine(t.URL.Host)
	case isReset(err):
		return "the connection was reset during the handshake", "a proxy that speaks TLS or the PROXY protocol may be listening there"
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return fmt.Sprintf("there was no answer within %s", t.ConnectTimeout), "check the address and firewalls, or set --connect-timeout"
	case errors.Is(err, context.Canceled):
		return "it was stopped", ""
	case isEOF(err):
		return "the connection was closed without an answer", "the port may be one for TLS: write wss://"
	case strings.Contains(err.Error(), "malformed HTTP"):
		return "the answer isn't HTTP", "the port may be one for TLS: write wss://"
	default:
		return firstLine(lastPart(err)), ""
	}
}

// certificateProblem returns what is wrong with the server's certificate; empty if
// something else is.
func certificateProblem(err error) (problem, remedy string) {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return "the server's certificate is of an authority that this machine doesn't know", "to probe it anyway add --insecure"
	case errors.As(err, &name):
		return fmt.Sprintf("the server's certificate isn't for %q", firstLine(name.Host)), "set --host to a name that it is for, or add --insecure"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate has expired or isn't valid yet", "renew it; to probe it anyway add --insecure"
	case errors.As(err, &invalid):
		return "the server's certificate is invalid: " + firstLine(invalid.Error()), "to probe it anyway add --insecure"
	}
	return "", ""
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// isReset reports whether the other side ended a connection with a TCP reset. Windows has
// errors of its own for it.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "forcibly closed")
}
