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
	// status but 200 is an error that quotes the answer. Both have to be
	// smaller than the windows of HTTP/2, 64 KiB by default.
	Call(r Request) error
	io.Closer
}

// The protocols, as ALPN has them.
const (
	HTTP1 = "http/1.1"
	HTTP2 = "h2"
)

// Dial connects to host:port and agrees on a protocol.
func Dial(address, protocol string, config *tls.Config) (Client, error) {
	config = config.Clone()
	config.NextProtos = []string{protocol}
	connection, err := tls.Dial("tcp", address, config)
	if err != nil {
		return nil, err
	}
	if protocol == HTTP1 {
		return newHTTP1(connection), nil
	}
	if agreed := connection.ConnectionState().NegotiatedProtocol; agreed != protocol {
		// A server that agrees on no protocol uses HTTP/1.1.
		connection.Close()
		return nil, fmt.Errorf("%s doesn't support %s", address, protocol)
	}
	return newHTTP2(connection)
}

// refused is the error of an answer that isn't 200.
func refused(status int, answer []byte) error {
	return fmt.Errorf("%d %s: %s", status, http.StatusText(status), answer)
}
