package client

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// largest is the room for a request or an answer that goes out or comes in at once.
const largest = 32 << 10

// http1 is a connection in HTTP/1.1 (RFC 9112).
type http1 struct {
	net.Conn
	in  *bufio.Reader
	out *bufio.Writer
}

func newHTTP1(connection net.Conn) *http1 {
	return &http1{connection, bufio.NewReaderSize(connection, largest), bufio.NewWriterSize(connection, largest)}
}

// Call implements Client.
func (c *http1) Call(r Request) error {
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
		return refused(response.StatusCode, answer)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
