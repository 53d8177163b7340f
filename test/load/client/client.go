// Package client makes the same call again and again over a connection of its
// own. net/http's client takes more time than the servers that are measured, and
// would hide what they take; this one does no more than the protocol asks for.
package client

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
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

// Client is a connection to a server, in HTTP/1.1 (RFC 9112).
type Client struct {
	net.Conn
	in  *bufio.Reader
	out *bufio.Writer
}

// largest is the room for a request or an answer that goes out or comes in at once.
const largest = 32 << 10

// Dial connects to host:port by TLS.
func Dial(address string, config *tls.Config) (*Client, error) {
	connection, err := tls.Dial("tcp", address, config)
	if err != nil {
		return nil, err
	}
	return &Client{connection, bufio.NewReaderSize(connection, largest), bufio.NewWriterSize(connection, largest)}, nil
}

// Call sends a request and waits for the whole answer, which is discarded. Any status but
// 200 is an error that quotes the answer.
func (c *Client) Call(r Request) error {
	// A writer keeps its first error.
	fmt.Fprintf(c.out, "POST %s HTTP/1.1\r\nhost: %s\r\ncontent-length: %d\r\n", r.Path, r.Host, len(r.Body))
	for _, h := range r.Headers {
		fmt.Fprintf(c.out, "%s: %s\r\n", h.Name, h.Value)
	}
	_, _ = c.out.WriteString("\r\n")
	_, _ = c.out.Write(r.Body)
	if err := c.out.Flush(); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		return fmt.Errorf("%s: %s", response.Status, answer)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
