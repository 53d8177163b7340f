package probe

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Suspect is what may have ended a socket.
type Suspect struct {
	Kind SuspectKind `json:"kind"`
	Name string      `json:"name"`
	// After is the timer's default; zero if it isn't a timer, or not of a known length.
	After duration.Duration `json:"after,omitzero"`
	// Timer is the controller's name of the timer.
	Timer string `json:"timer,omitempty"`
	// Set is what to do.
	Set string `json:"set"`
}

// SuspectKind is what kind of thing a Suspect is.
type SuspectKind string

// The kinds of suspects beside those of dialect.PathKind.
const (
	Deploy      SuspectKind = "deploy"
	Application SuspectKind = "server"
	Controller  SuspectKind = "ingress controller"
	Reload      SuspectKind = "reload"
	Cloud       SuspectKind = "cloud load balancer"
)

// isAbout reports whether a measured time is that of a timer: to the second, or to 2 % of a
// long one.
func isAbout(measured Seconds, timer time.Duration) bool {
	return math.Abs(float64(measured)-timer.Seconds()) <= tolerance(Seconds(timer.Seconds()))
}

// tolerance returns how far a measured time may be from a timer.
func tolerance(timer Seconds) float64 {
	const second, share = 1, 0.02
	return max(second, float64(timer)*share)
}

// suspectsOf returns what may have ended a socket, the likeliest first. The controller is nil
// if it isn't known. wanted is how long sockets should live. What ended a socket with a close
// frame speaks WebSocket, so that it comes before any timer of a proxy.
func suspectsOf(s *Socket, controller *dialect.Dialect, wanted time.Duration) []Suspect {
	if s.How == Held || s.How == NotOpened {
		return nil
	}
	all := heartbeatSuspects(s)
	to := duration.Duration(wanted)
	all = append(all, closeSuspects(s)...)
	all = append(all, controllerSuspects(s, controller, to)...)
	all = append(all, cloudSuspects(s, to)...)
	all = append(all, pathSuspects(s)...)
	return append(all, reloadSuspects(s, controller)...)
}

// closeCodes say who sends a close code. RFC 6455, 7.4.1, and IANA's registry of WebSocket
// close codes. Nothing writes to it.
var closeCodes = map[int]Suspect{
	1000: {Kind: Application, Name: "the server, which was done", Set: "see why the server closes it"},
	1001: {Kind: Deploy, Name: "the server, which was going away: a deploy, or its own idle timer", Set: "see whether pods were replaced; raise its idle timeout"},
	1003: {Kind: Application, Name: "the server, which doesn't take that kind of message", Set: "set --message to what the server understands"},
	1005: {Kind: Application, Name: "the server, which gave no reason", Set: "see why the server closes it"},
	1007: {Kind: Application, Name: "the server, which couldn't read a message", Set: "set --message to what the server understands"},
	1008: {Kind: Application, Name: "the server, by its rules: often a missing token", Set: "send the token with --header or --message"},
	1011: {Kind: Application, Name: "the server, which failed", Set: "see its log"},
	1012: {Kind: Deploy, Name: "a restart of the server", Set: "see whether pods were replaced; have clients reconnect"},
	1013: {Kind: Application, Name: "the server, which has too many connections", Set: "use fewer sockets"},
	1014: {Kind: Application, Name: "a gateway that got no valid answer from the server", Set: "see the gateway's log"},
}

// closeSuspects returns who sent the close frame.
func closeSuspects(s *Socket) []Suspect {
	if s.How != CloseFrame {
		return nil
	}
	by, known := closeCodes[s.Code]
	reason := strings.ToLower(s.Reason)
	switch {
	case strings.Contains(reason, "ping"):
		by = Suspect{Kind: Application, Name: "the server, which got no answer to its pings", Set: "a proxy may drop pongs; raise the server's ping timeout"}
	case strings.Contains(reason, "idle") || strings.Contains(reason, "timeout") || strings.Contains(reason, "timed out"):
		by = Suspect{Kind: Application, Name: "the server's own idle timer", Set: "raise it in the server"}
	case !known:
		by = Suspect{Kind: Application, Name: "the server, with a close code of its own", Set: "see what it means in the server"}
	}
	return []Suspect{by}
}

// heartbeatSuspects returns Socket.IO's heartbeat if it ended the socket: the probe doesn't
// answer it.
func heartbeatSuspects(s *Socket) []Suspect {
	if s.Heartbeat == nil {
		return nil
	}
	after := time.Duration(float64(s.Heartbeat.Interval+s.Heartbeat.Timeout) * float64(time.Second))
	if !isAbout(s.Lasted, after) {
		return nil
	}
	return []Suspect{{
		Kind: Application, Name: "Socket.IO's heartbeat, which the probe doesn't answer", After: duration.Duration(after),
		Timer: "pingInterval + pingTimeout", Set: "for a longer probe raise pingInterval in the server",
	}}
}

// controllerSuspects returns the ingress controllers whose timer fits.
func controllerSuspects(s *Socket, known *dialect.Dialect, wanted duration.Duration) (all []Suspect) {
	if s.How == CloseFrame {
		return nil
	}
	for _, d := range dialect.All() {
		if known != nil && d != known || d.Idle.Ends == 0 {
			continue
		}
		after := time.Duration(d.Idle.Ends)
		if s.How == Lost || !isAbout(s.Idle, after) && !(d.IdleCountsDataFromPods() && isAbout(s.Unanswered, after)) {
			continue
		}
		all = append(all, Suspect{Kind: Controller, Name: d.ControllerName(), After: d.Idle.Ends, Timer: d.Idle.By, Set: d.IdleRemedy(wanted)})
	}
	return all
}

// cloudSuspects returns the clouds whose load balancers' timer fits.
func cloudSuspects(s *Socket, wanted duration.Duration) (all []Suspect) {
	if s.How == CloseFrame {
		return nil
	}
	for _, t := range dialect.CloudTimers() {
		if t.Default > 0 && fits(s, time.Duration(t.Default), true) {
			all = append(all, Suspect{Kind: Cloud, Name: t.Balancer, After: t.Default, Set: t.Remedy(wanted)})
		}
	}
	return all
}

// pathSuspects returns what else may be in front of the cluster and has a timer that fits.
func pathSuspects(s *Socket) (all []Suspect) {
	for _, t := range dialect.PathTimers() {
		switch after := time.Duration(t.Ends); {
		case s.How == CloseFrame && s.Code != t.Code, t.Silent && s.How == EOF:
		case t.Total && isAbout(s.Lasted, after), !t.Total && fits(s, after, t.Silent):
			all = append(all, Suspect{Kind: SuspectKind(t.Kind), Name: t.Name, After: t.Ends, Set: t.Set})
		}
	}
	return all
}

// fits reports whether an idle timer may have ended a socket. Of a socket that was lost
// without notice only those that may forget a connection silently are meant, and they had to
// run out before the probe closed the socket.
func fits(s *Socket, timer time.Duration, silent bool) bool {
	if s.How == Lost {
		return silent && timer.Seconds() <= float64(s.Idle)
	}
	return isAbout(s.Idle, timer)
}

// reloadSuspects returns the known controller's timer after a reload, if the socket is old
// enough for it.
func reloadSuspects(s *Socket, known *dialect.Dialect) []Suspect {
	if known == nil || known.Reload.Ends == 0 || s.How != EOF && s.How != Reset || s.Lasted < Seconds(known.Reload.Ends.Seconds()) {
		return nil
	}
	set := "see its log for a reload"
	if known.Reload.Set != "" {
		set = "set " + dialect.FillIn(known.Reload.Set, known.Reload.Value(duration.Hour))
	}
	return []Suspect{{
		Kind: Reload, Name: fmt.Sprintf("a reload of %s that much earlier", known.ControllerName()), After: known.Reload.Ends, Set: set,
	}}
}
