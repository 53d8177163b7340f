// Package door is how a test reaches into the machine of a cluster: a Unix
// socket in the cluster's folder, which works across network namespaces.
package door

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Socket is the door's path in a cluster's folder.
func Socket(dir string) string { return filepath.Join(dir, "door.sock") }

// Door reaches into a machine from outside.
type Door struct {
	dir string
}

// Of returns the door of the machine whose folder is dir.
func Of(dir string) Door { return Door{dir} }

// DialContext dials an address in the cluster's network.
func (d Door) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	connection, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) })()
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address}
	if err := request.Write(connection); err != nil {
		connection.Close()
		return nil, err
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, request)
	if err != nil {
		connection.Close()
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer connection.Close()
		return nil, refusal(response)
	}
	return &joined{Conn: connection, reader: reader}, nil
}

// joined is a connection whose first bytes may already be in a buffer.
type joined struct {
	net.Conn
	reader *bufio.Reader
}

func (j *joined) Read(buffer []byte) (int, error) { return j.reader.Read(buffer) }

// CloseWrite signals to the other side that no more data follows.
func (j *joined) CloseWrite() error { return j.Conn.(*net.UnixConn).CloseWrite() }

func (d Door) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", Socket(d.dir))
}

// StopProcess stops a process of the control plane, by the name of its part.
func (d Door) StopProcess(ctx context.Context, process string) error {
	return d.post(ctx, "processes", process, "stop")
}

// StartProcess starts it again and returns when it is ready.
func (d Door) StartProcess(ctx context.Context, process string) error {
	return d.post(ctx, "processes", process, "start")
}

// SignalPod sends a signal to the programs of a pod.
func (d Door) SignalPod(ctx context.Context, namespace, pod string, s os.Signal) error {
	number, ok := s.(syscall.Signal)
	if !ok {
		return fmt.Errorf("%v is no signal of this system", s)
	}
	return d.post(ctx, "pods", namespace, pod, "signal", strconv.Itoa(int(number)))
}

func (d Door) post(ctx context.Context, path ...string) error {
	target, err := url.JoinPath("http://machine/", path...)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return d.dial(ctx) },
		DisableKeepAlives: true,
	}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(response)
	}
	return nil
}

func refusal(response *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	return errors.Join(err, errors.New(string(text)))
}
