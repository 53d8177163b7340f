package network

import (
	"context"
	"io"
	"net"
	"sync"
)

// Forward accepts connections and passes each on to the same address, until the
// listener is closed. The listener may come from another namespace: a socket
// stays in the one it was made in, which is how a port of the machine leads
// into the cluster.
func Forward(from net.Listener, network, to string) {
	for {
		outer, err := from.Accept()
		if err != nil {
			return
		}
		go func() {
			defer outer.Close()
			inner, err := new(net.Dialer).DialContext(context.Background(), network, to)
			if err != nil {
				return
			}
			defer inner.Close()
			Join(outer, inner)
		}()
	}
}

// Join copies both ways until both sides have said all.
func Join(a, b net.Conn) {
	var both sync.WaitGroup
	both.Go(func() { pass(a, b) })
	both.Go(func() { pass(b, a) })
	both.Wait()
}

// pass copies one way and passes on the end of the stream, not more: the other
// direction may still have something to say.
func pass(to, from net.Conn) {
	_, err := io.Copy(to, from)
	half, ok := to.(interface{ CloseWrite() error })
	if err != nil || !ok {
		to.Close()
		return
	}
	_ = half.CloseWrite() // the other side may have gone
}
