package machine

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

	"github.com/holdfast-dev/holdfast/test/cluster/control"
	"github.com/holdfast-dev/holdfast/test/cluster/network"
	"github.com/holdfast-dev/holdfast/test/cluster/node"
)

// door is how a test reaches into a machine: a Unix socket in the cluster's
// folder, which works across network namespaces. It serves HTTP. CONNECT dials
// an address in the cluster's network, as a proxy does; the other paths stop
// and start what runs.
type door struct {
	server *http.Server
	plane  *control.Plane
	pods   *node.Provider
}

func doorPath(dir string) string { return filepath.Join(dir, "door.sock") }

func open(dir string, plane *control.Plane, pods *node.Provider) (*door, error) {
	listener, err := net.Listen("unix", doorPath(dir))
	if err != nil {
		return nil, fmt.Errorf("listening for tests: %w", err)
	}
	d := &door{plane: plane, pods: pods}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /processes/{name}/stop", d.stop)
	mux.HandleFunc("POST /processes/{name}/start", d.start)
	mux.HandleFunc("POST /pods/{namespace}/{name}/signal/{number}", d.signal)
	d.server = &http.Server{Handler: d.orConnect(mux), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.server.Serve(listener) }() // ends with close
	return d, nil
}

func (d *door) close() { d.server.Close() }

// orConnect keeps CONNECT from the mux, which would clean its path.
func (d *door) orConnect(other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			connect(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}

func connect(w http.ResponseWriter, r *http.Request) {
	inner, err := new(net.Dialer).DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer inner.Close()
	outer, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer outer.Close()
	if _, err := io.WriteString(outer, "HTTP/1.1 200 OK\r\n\r\n"); err == nil {
		network.Join(outer, inner)
	}
}

// stopTimeout is how long a process may take to stop before it is killed. The API
// server would wait a minute for its open watches.
const stopTimeout = 2 * time.Second

func (d *door) stop(w http.ResponseWriter, r *http.Request) {
	process, err := d.plane.Process(r.PathValue("name"))
	if err == nil {
		process.Stop(stopTimeout)
	}
	respond(w, err)
}

func (d *door) start(w http.ResponseWriter, r *http.Request) {
	process, err := d.plane.Process(r.PathValue("name"))
	if err == nil {
		err = process.Start(r.Context())
	}
	respond(w, err)
}

func (d *door) signal(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err == nil {
		err = d.pods.Signal(r.PathValue("namespace"), r.PathValue("name"), syscall.Signal(number))
	}
	respond(w, err)
}

func respond(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
	}
}

// Door is the other side: how to reach into a machine, from outside.
type Door struct {
	dir string
}

// DoorOf returns the door of the machine whose folder is dir.
func DoorOf(dir string) Door { return Door{dir} }

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
	return new(net.Dialer).DialContext(ctx, "unix", doorPath(d.dir))
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
