package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const probeExample = `  holdfast probe wss://chat.example.com/ws
  holdfast probe wss://chat.example.com/ws --for 90s --controller ingress-nginx
  holdfast probe wss://203.0.113.7/ws --host chat.example.com --insecure
  holdfast probe wss://chat.example.com/ws --reconnects 50 --pod-header X-Pod --sticky
  holdfast probe wss://chat.example.com/ws --ramp 0:100:0 -o json`

// probeOptions are the flags of probe.
type probeOptions struct {
	streams streams
	plan    probe.Plan
	// hold is the value of --for; notGiven without it.
	hold                 time.Duration
	policy, controller   string
	headers              []string
	origin, cookie, ramp string
	rampTimes            []time.Duration
	sticky, quiet        bool
	timeout              time.Duration
	out                  outputs
}

func newProbeCommand(s streams) *cobra.Command {
	o := probeOptions{streams: s, out: outputs{formats: []format{formatTable, formatJSON}}}
	cmd := &cobra.Command{
		Use:   "probe URL",
		Short: "Open WebSockets and find out how long they live, and what ends them",
		Long: `Open WebSockets, send nothing, and see how long they live: for --for, or as long as the
policy promises. The probe answers the server's pings and sends none itself. It says when
and how each socket ended, and which ingress controllers, clouds, CDNs, NAT and firewalls
have such a timer by default, with what to set. At the end it closes the sockets and checks
that the server answers, so that a connection which something on the path has forgotten
isn't taken for an open one.

With --reconnects each client connects again and again, with its cookies, and the pods that
it reaches are counted. With --ramp the number of sockets rises and falls.

The exit code is 0 if every socket lived as long as it should, 1 if one didn't, couldn't be
opened, or with --sticky reached another pod; 2 if none could be opened or the probe was
interrupted; and 124 if it took longer than --timeout.`,
		Example: probeExample,
		Args:    oneURL,
		RunE:    func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	o.addSocketFlags(cmd.Flags())
	o.addTargetFlags(cmd.Flags())
	o.addPodFlags(cmd.Flags())
	return cmd
}

// oneURL returns an error if a command hasn't one argument.
func oneURL(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return fmt.Errorf("the URL is missing: %s wss://HOST/PATH", cmd.CommandPath())
	case 1:
		return nil
	default:
		return fmt.Errorf("unexpected argument %q; %s takes one URL", args[1], cmd.CommandPath())
	}
}

// notGiven is a time that means that a flag isn't given.
const notGiven = time.Duration(math.MinInt64)

func (o *probeOptions) addSocketFlags(f *pflag.FlagSet) {
	f.IntVar(&o.plan.Sockets, "sockets", 1, "how many sockets are open at the same time")
	f.DurationVar(&o.hold, "for", notGiven, "how long each socket should live (default: the longest timeout of the policy)")
	f.Lookup("for").DefValue = "0s"
	f.StringVar(&o.policy, "policy", "", "file with the policy that promises how long sockets live (default: the built-in policy)")
	f.StringVar(&o.controller, "controller", "", "the ingress controller, as in holdfast dialects; others aren't suspected then")
	f.StringVar(&o.plan.Message, "message", "", "a text to send once a socket is open, for servers that wait for one")
	f.DurationVar(&o.plan.SendEvery, "send-every", 0, "send --message again after each interval, so that only the server is silent")
	f.StringVar(&o.ramp, "ramp", "", "numbers of sockets to go up and down to, as in 0:100:0")
	f.DurationSliceVar(&o.rampTimes, "ramp-times", nil, "how long the stages of --ramp take: going to a number, staying there, and so on (default 30s,2m,30s)")
	f.Lookup("ramp-times").DefValue = ""
	f.DurationVar(&o.timeout, "timeout", 0, "stop after this time, with exit code 124")
	f.VarP(&o.out, "output", "o", "table (default) or json; FORMAT=FILE writes to a file as well, and can be repeated")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "show no progress")
}

func (o *probeOptions) addTargetFlags(f *pflag.FlagSet) {
	t := &o.plan.Target
	f.StringVar(&t.Host, "host", "", "the name in the Host header and the TLS handshake, if the URL has an address")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "NAME=VALUE, sent with each handshake; can be repeated")
	f.StringVar(&o.origin, "origin", "", "the header Origin, as a browser sends it")
	f.StringVar(&o.cookie, "cookie", "", "the header Cookie, as in NAME=VALUE; NAME=VALUE")
	f.BoolVar(&t.KeepCookies, "cookies", true, "keep cookies as a browser does")
	f.StringArrayVar(&t.Subprotocols, "subprotocol", nil, "subprotocol to offer; can be repeated")
	f.BoolVarP(&t.Insecure, "insecure", "k", false, "accept any certificate")
	f.DurationVar(&t.ConnectTimeout, "connect-timeout", connectTimeout, "how long a handshake may take")
	f.DurationVar(&t.TCPKeepAlive, "tcp-keepalive", 0, "interval of TCP's keepalive, which hides the timers of NAT (default: none)")
}

// connectTimeout is longer than most proxies wait for a pod.
const connectTimeout = 15 * time.Second

func (o *probeOptions) addPodFlags(f *pflag.FlagSet) {
	f.IntVar(&o.plan.Reconnects, "reconnects", 0, "how many times each client connects again")
	f.DurationVar(&o.plan.Pause, "pause", 0, "how long to wait before each reconnect")
	f.StringVar(&o.plan.Pod.Header, "pod-header", "", "header of the handshake's answer that names the pod (default: X-Pod, X-Pod-Name or X-Hostname)")
	f.StringVar(&o.plan.Pod.Cookie, "pod-cookie", "", "cookie that names the pod")
	f.StringVar(&o.plan.Pod.Field, "pod-field", "", "field of the first message, a JSON object, that names the pod")
	f.BoolVar(&o.plan.Pod.Greeting, "pod-greeting", false, "the first message names the pod")
	f.BoolVar(&o.sticky, "sticky", false, "exit with 1 if a client reaches another pod than before")
}

func (o *probeOptions) run(ctx context.Context, url string) error {
	if err := o.makePlan(url); err != nil {
		return err
	}
	prober, err := probe.New(o.plan)
	if err != nil {
		return err
	}
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	view := showProbe(o.streams.err, o.quiet, prober, o.plan.Length())
	report := prober.Run(ctx)
	view.end()
	if err := o.out.write(o.streams.out, func(out io.Writer, f format) error { return showProbeReport(out, f, report) }); err != nil {
		return err
	}
	return o.outcome(ctx, report)
}

// check returns an error if a flag is given that would be ignored beside the others.
func (o *probeOptions) check() error {
	switch {
	case o.sticky && o.plan.Reconnects == 0:
		return errors.New("--sticky needs --reconnects: a client that connects once can't move")
	case len(o.rampTimes) > 0 && o.ramp == "":
		return errors.New("--ramp-times needs --ramp, the numbers of sockets")
	case o.policy != "" && (o.hold != notGiven || o.ramp != ""):
		return errors.New("--policy can't be used with --for or --ramp")
	}
	return nil
}

// makePlan completes the plan from the flags that aren't part of it as they are.
func (o *probeOptions) makePlan(url string) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	t := &o.plan.Target
	if t.URL, err = probe.ParseURL(url); err != nil {
		return err
	}
	if t.Header, err = o.header(); err != nil {
		return err
	}
	if o.ramp != "" {
		if o.plan.Ramp, err = probe.ParseRamp(o.ramp, o.rampTimes); err != nil {
			return fmt.Errorf("--ramp: %w", err)
		}
	}
	if o.controller != "" {
		if o.plan.Controller = dialect.ByName(o.controller); o.plan.Controller == nil {
			return fmt.Errorf("there is no controller %q%s; holdfast dialects lists them", o.controller, didYouMean(dialect.Suggestions(o.controller)))
		}
	}
	if err := o.setPromise(); err != nil {
		return err
	}
	return o.plan.Check()
}

func (o *probeOptions) header() (http.Header, error) {
	header := http.Header{}
	for _, text := range o.headers {
		name, value, err := probe.ParseHeader(text)
		if err != nil {
			return nil, fmt.Errorf("--header: %w", err)
		}
		header.Add(name, value)
	}
	if o.origin != "" {
		header.Set("Origin", o.origin)
	}
	if o.cookie != "" {
		header.Set("Cookie", o.cookie)
	}
	return header, nil
}

// setPromise sets how long sockets are held: as long as --for says, else not at all if
// something else was asked for, else as long as the policy promises.
func (o *probeOptions) setPromise() error {
	switch {
	case o.hold != notGiven:
		o.plan.For, o.plan.Promise = o.hold, "--for"
		return nil
	case len(o.plan.Ramp) > 0, o.policy == "" && o.plan.Reconnects > 0:
		return nil
	}
	found, err := readPolicy(o.streams, o.policy)
	if err != nil {
		return err
	}
	timeouts := found.Policy.Timeouts
	if o.plan.For = time.Duration(max(timeouts.Read.Default, timeouts.Send.Default)); o.plan.For == 0 {
		return errors.New("the policy has no default for timeouts; say how long sockets should live with --for")
	}
	if o.plan.Promise = "the built-in policy"; o.policy != "" {
		o.plan.Promise = "the policy in " + o.policy
	}
	return nil
}

// outcome returns the error that the exit code is made of.
func (o *probeOptions) outcome(ctx context.Context, r *probe.Report) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return timeoutError{fmt.Errorf("stopped after %s", o.timeout)}
	case r.NothingOpened():
		return errors.New("no socket could be opened")
	case r.Tried > 0 && !r.Held, o.sticky && r.Pods != nil && !r.Pods.Stays():
		return findingsError{}
	case r.Interrupted:
		return errors.New("interrupted")
	case r.Pods != nil && r.Pods.Failed > 0:
		return findingsError{}
	}
	return nil
}
