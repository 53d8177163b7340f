package probe

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Seconds is a length of time as reports show it.
type Seconds float64

// secondsOf returns a duration in seconds, to the millisecond.
func secondsOf(d time.Duration) Seconds { return Seconds(d.Round(time.Millisecond).Seconds()) }

// MarshalJSON writes no more than milliseconds.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s), 'f', -1, 64), nil
}

// How is how a socket ended.
type How string

// The ways in which a socket ends.
const (
	// Held sockets were open until the probe closed them, and the server answered that.
	Held How = "held"
	// Lost sockets seemed open, but nothing answered when the probe closed them.
	Lost       How = "lost"
	CloseFrame How = "close-frame"
	// EOF is a connection that was closed without a close frame.
	EOF   How = "eof"
	Reset How = "reset"
	// Broken sockets ended with another error.
	Broken How = "error"
	// NotOpened sockets failed in the handshake.
	NotOpened How = "not-opened"
)

// Socket is what was seen of one WebSocket.
type Socket struct {
	// Client is the number of the client, from zero.
	Client      int      `json:"client"`
	How         How      `json:"ended"`
	Failure     *Failure `json:"failure,omitempty"`
	OpenedAfter Seconds  `json:"openedAfterSeconds,omitempty"`
	Subprotocol string   `json:"subprotocol,omitempty"`
	Pod         string   `json:"pod,omitempty"`
	// Lasted is the time from the end of the handshake to the end of the socket.
	Lasted Seconds `json:"lastedSeconds"`
	// Idle and Unanswered are how long nothing was sent in either direction before the
	// end, and nothing by the server.
	Idle       Seconds `json:"idleSeconds"`
	Unanswered Seconds `json:"serverSilentSeconds"`
	// Code and Reason are those of a close frame.
	Code   int    `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Error is that of a Broken socket.
	Error string `json:"error,omitempty"`
	// Sent, Messages and Pings are the numbers of messages that the probe sent, and of
	// messages and pings that it got.
	Sent     int `json:"sent"`
	Messages int `json:"messages"`
	Pings    int `json:"pings"`
	// ReceivedEvery is the longest time between two of what it got, or from the opening to
	// the first.
	ReceivedEvery Seconds `json:"receivedEverySeconds,omitempty"`
	// Heartbeat is what a Socket.IO server says of its heartbeat.
	Heartbeat *Heartbeat `json:"heartbeat,omitempty"`
}

// maxGreeting is how much of the first message is looked at.
const maxGreeting = 4 << 10

// watched is an open socket with what was seen so far.
type watched struct {
	*connection

	// closing is done once, and closed then has its error.
	closing sync.Once
	closed  chan error
	// writing is held while a message is written. None may follow the probe's close frame: a
	// server that gets one then resets the connection.
	writing sync.Mutex

	mutex sync.Mutex
	// asked is when the probe began to close the socket; zero before.
	asked time.Time
	// received and sent are when something last was; opened if nothing yet.
	received, sent time.Time
	seen           Socket
	greeting       []byte
}

// got notes that something came from the server.
func (w *watched) got(count *int) {
	now := time.Now()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	*count++
	w.seen.ReceivedEvery = max(w.seen.ReceivedEvery, secondsOf(now.Sub(w.received)))
	w.received = now
}

// closeNormally closes the socket as a browser would. The server's answer shows that the
// connection was still there.
func (w *watched) closeNormally() {
	w.closing.Do(func() {
		w.writing.Lock()
		w.mutex.Lock()
		w.asked = time.Now()
		w.mutex.Unlock()
		w.writing.Unlock()
		w.closed <- w.Close(websocket.StatusNormalClosure, "")
	})
}

// readAll reads until the socket ends, and returns how.
func (w *watched) readAll() error {
	// Ended by closeNormally, since an expired context would end it without a close frame.
	ctx := context.Background()
	for {
		_, message, err := w.Reader(ctx)
		if err != nil {
			return err
		}
		if w.seen.Messages == 0 {
			w.greeting = readGreeting(message)
		}
		if _, err := io.Copy(io.Discard, message); err != nil {
			return err
		}
		w.got(&w.seen.Messages)
	}
}

// readGreeting returns the beginning of a message.
func readGreeting(message io.Reader) []byte {
	// An error comes again when the rest is read.
	text, _ := io.ReadAll(io.LimitReader(message, maxGreeting))
	return text
}

// sendEvery sends a message at once, and again after each interval unless that is zero.
func (w *watched) sendEvery(ctx context.Context, message string, interval time.Duration) {
	for {
		if !w.send(ctx, message) || interval == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
	}
}

// writeTimeout limits how long a message may wait for a server that reads nothing, which
// would keep the socket from being closed.
const writeTimeout = 10 * time.Second

// send sends a message, and reports whether it could.
func (w *watched) send(ctx context.Context, message string) bool {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	w.writing.Lock()
	defer w.writing.Unlock()
	if w.isAsked() || w.Write(ctx, websocket.MessageText, []byte(message)) != nil {
		return false
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.seen.Sent++
	w.sent = time.Now()
	return true
}

// isAsked reports whether the probe is closing the socket.
func (w *watched) isAsked() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return !w.asked.IsZero()
}

// result returns what was seen of a socket whose reader ended with an error.
func (w *watched) result(err error) *Socket {
	ended := time.Now()
	asked := w.isAsked()
	if asked {
		// The answer may have been read by either of the two.
		err = w.answer(err)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if asked {
		ended = w.asked
	}
	s := new(w.seen)
	s.OpenedAfter, s.Subprotocol = secondsOf(w.openedAfter), firstLine(w.Subprotocol())
	s.Lasted, s.Unanswered = secondsOf(ended.Sub(w.opened)), secondsOf(max(0, ended.Sub(w.received)))
	s.Idle = s.Unanswered
	if w.sent.After(w.received) {
		s.Idle = secondsOf(max(0, ended.Sub(w.sent)))
	}
	s.Heartbeat = parseHeartbeat(w.greeting)
	switch {
	case !asked:
		s.end(err)
	case err == nil:
		s.How = Held
	default:
		s.How = Lost
	}
	return s
}

// answer returns nil if the server answered the probe's close frame: with one of its own, or
// by closing the connection.
func (w *watched) answer(err error) error {
	closeErr := <-w.closed
	if closeErr == nil || isFrameOrEOF(err) || isFrameOrEOF(closeErr) {
		return nil
	}
	return err
}

func isFrameOrEOF(err error) bool { return websocket.CloseStatus(err) != -1 || isEOF(err) }

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// end sets how a socket ended that the probe didn't close.
func (s *Socket) end(err error) {
	var frame websocket.CloseError
	switch {
	case errors.As(err, &frame):
		s.How, s.Code, s.Reason = CloseFrame, int(frame.Code), firstLine(frame.Reason)
	case isEOF(err):
		s.How = EOF
	case isReset(err):
		s.How = Reset
	default:
		s.How, s.Error = Broken, firstLine(lastPart(err))
	}
}

// Heartbeat is how a Socket.IO server finds clients that are gone: it sends a message
// every Interval, and closes a socket whose client hasn't answered within Timeout.
type Heartbeat struct {
	Interval Seconds `json:"intervalSeconds"`
	Timeout  Seconds `json:"timeoutSeconds"`
}

// parseHeartbeat reads the first message of a Socket.IO server; nil for any other.
func parseHeartbeat(greeting []byte) *Heartbeat {
	text, found := strings.CutPrefix(string(greeting), "0{")
	if !found {
		return nil
	}
	var open struct {
		SID                       string
		PingInterval, PingTimeout int64
	}
	if json.Unmarshal([]byte("{"+text), &open) != nil || open.SID == "" || open.PingInterval <= 0 {
		return nil
	}
	ms := func(n int64) Seconds { return Seconds(float64(n) / 1000) }
	return &Heartbeat{Interval: ms(open.PingInterval), Timeout: ms(open.PingTimeout)}
}
