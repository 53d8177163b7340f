package machine

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/control"
	"github.com/holdfast-dev/holdfast/test/cluster/door"
	"github.com/holdfast-dev/holdfast/test/cluster/network"
	"github.com/holdfast-dev/holdfast/test/cluster/node"
)

// doorServer is the machine's side of its door, over HTTP. CONNECT dials an
// address in the cluster's network, as a proxy does; the other paths stop and
// start what runs.
type doorServer struct {
	server *http.Server
	plane  *control.Plane
	pods   *node.Provider
}

func open(dir string, plane *control.Plane, pods *node.Provider) (*doorServer, error) {
	listener, err := net.Listen("unix", door.Socket(dir))
	if err != nil {
		return nil, fmt.Errorf("listening for tests: %w", err)
	}
	d := &doorServer{plane: plane, pods: pods}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /processes/{name}/stop", d.stop)
	mux.HandleFunc("POST /processes/{name}/start", d.start)
	mux.HandleFunc("POST /pods/{namespace}/{name}/signal/{number}", d.signal)
	d.server = &http.Server{Handler: d.orConnect(mux), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.server.Serve(listener) }() // ends with close
	return d, nil
}

func (d *doorServer) close() { d.server.Close() }

// orConnect keeps CONNECT from the mux, which would clean its path.
func (d *doorServer) orConnect(other http.Handler) http.Handler {
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

func (d *doorServer) stop(w http.ResponseWriter, r *http.Request) {
	process, err := d.plane.Process(r.PathValue("name"))
	if err == nil {
		process.Stop(stopTimeout)
	}
	respond(w, err)
}

func (d *doorServer) start(w http.ResponseWriter, r *http.Request) {
	process, err := d.plane.Process(r.PathValue("name"))
	if err == nil {
		err = process.Start(r.Context())
	}
	respond(w, err)
}

func (d *doorServer) signal(w http.ResponseWriter, r *http.Request) {
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
