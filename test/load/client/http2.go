package client

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Connection is a connection in HTTP/2 (RFC 9113), with one stream at a time.
type http2Connection struct {
	net.Conn
	*http2.Framer
	out *bufio.Writer
	// fields encodes into block the fields of a request.
	fields *hpack.Encoder
	block  bytes.Buffer
	// next is the next stream. A client's have odd numbers.
	next uint32
	// unreturned are the bytes of answers that the server can't send again before
	// it learns that they were read.
	unreturned uint32
}

// returned is how many bytes are acknowledged at a time, as by net/http's client.
const returned = 4 << 10

// defaultTable is the default size of the table of known fields (RFC
// 9113, section 6.5.2).
const defaultTable = 4096

func newHTTP2(connection net.Conn) (*http2Connection, error) {
	c := &http2Connection{Conn: connection, next: 1, out: bufio.NewWriterSize(connection, largest)}
	c.Framer = http2.NewFramer(c.out, bufio.NewReaderSize(connection, largest))
	c.SetReuseFrames()
	c.ReadMetaHeaders = hpack.NewDecoder(defaultTable, nil)
	c.fields = hpack.NewEncoder(&c.block)
	// A writer keeps its first error.
	_, _ = c.out.WriteString(http2.ClientPreface)
	_ = c.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0})
	return c, c.out.Flush()
}

// Call implements Client.
func (c *http2Connection) Call(r Request) error {
	if err := c.send(r); err != nil {
		return err
	}
	status, answer := 0, []byte(nil)
	for {
		frame, err := c.ReadFrame()
		if err != nil {
			return err
		}
		ended := false
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			err = c.acknowledge(f)
		case *http2.MetaHeadersFrame:
			status, err = strconv.Atoi(f.PseudoValue("status"))
			ended = f.StreamEnded()
		case *http2.DataFrame:
			c.unreturned += f.Length
			if status != http.StatusOK {
				answer = append(answer, f.Data()...)
			}
			ended = f.StreamEnded()
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			err = fmt.Errorf("the server ends the call: %v", f)
		}
		switch {
		case err != nil:
			return err
		case ended && status != http.StatusOK:
			return refused(status, answer)
		case ended:
			return nil
		}
	}
}

// send writes a request, which has to fit into the server's windows.
func (c *http2Connection) send(r Request) error {
	c.block.Reset()
	for _, h := range [...]Header{{":method", http.MethodPost}, {":scheme", "https"}, {":authority", r.Host}, {":path", r.Path}} {
		_ = c.fields.WriteField(hpack.HeaderField{Name: h.Name, Value: h.Value})
	}
	for _, h := range r.Headers {
		_ = c.fields.WriteField(hpack.HeaderField{Name: h.Name, Value: h.Value})
	}
	_ = c.fields.WriteField(hpack.HeaderField{Name: "content-length", Value: strconv.Itoa(len(r.Body))})

	if c.unreturned >= returned {
		_ = c.WriteWindowUpdate(0, c.unreturned)
		c.unreturned = 0
	}
	_ = c.WriteHeaders(http2.HeadersFrameParam{StreamID: c.next, BlockFragment: c.block.Bytes(), EndHeaders: true})
	_ = c.WriteData(c.next, true, r.Body)
	c.next += 2
	return c.out.Flush()
}

// acknowledge says that the server's settings hold. None of them concerns one
// small call at a time.
func (c *http2Connection) acknowledge(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	_ = c.WriteSettingsAck()
	return c.out.Flush()
}
