// Package client makes the same call again and again over a connection of its
// own. net/http's client takes more time than the servers that are measured, and
// would hide what they take; these do no more than the protocol asks for.
package client

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
)

// Request is what is sent: a POST with one value for each header.
type Request struct {
	// Host and Path are those of the URL, the query included.
	Host, Path string
	Headers    []Header
	Body       []byte
}

// Header is a field of an HTTP request, its name in lower case.
type Header struct{ Name, Value string }

// Client is a connection to a server.
type Client interface {
	// Call sends a request and waits for the whole answer, which is discarded. Any
	// status but 200 is an error that quotes the answer.
	Call(r Request) error
	io.Closer
}

// Dial connects to host:port by TLS, for HTTP/1.1.
func Dial(address string, config *tls.Config) (Client, error) {
	connection, err := tls.Dial("tcp", address, config)
	if err != nil {
		return nil, err
	}
	return newHTTP1(connection), nil
}

// refused is the error of an answer that isn't 200.
func refused(status int, answer []byte) error {
	return fmt.Errorf("%d %s: %s", status, http.StatusText(status), answer)
}
