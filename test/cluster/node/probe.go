package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// verdict counts a probe's answers and says when they amount to a change. It
// starts out undecided.
type verdict struct {
	success, failure int32 // thresholds

	decided bool
	good    bool
	row     int32 // equal answers in a row
	last    bool
}

func newVerdict(p *corev1.Probe) *verdict {
	return &verdict{success: max(p.SuccessThreshold, 1), failure: max(p.FailureThreshold, 1)}
}

// observe takes an answer and reports whether the verdict changed with it.
func (v *verdict) observe(good bool) (changed bool) {
	if good != v.last {
		v.row = 0
	}
	v.last = good
	v.row++
	threshold := v.failure
	if good {
		threshold = v.success
	}
	if v.row < threshold || v.decided && v.good == good {
		return false
	}
	v.decided, v.good = true, good
	return true
}

// prober asks one container.
type prober struct {
	address   string // of the pod
	container *corev1.Container
}

// watch probes until the context ends, and calls change with each new verdict.
func (p prober) watch(ctx context.Context, probe *corev1.Probe, change func(good bool, reason error)) {
	if !sleep(ctx, seconds(probe.InitialDelaySeconds)) {
		return
	}
	v := newVerdict(probe)
	for {
		err := p.ask(ctx, probe)
		if ctx.Err() != nil {
			return
		}
		if v.observe(err == nil) {
			change(v.good, err)
		}
		if !sleep(ctx, max(seconds(probe.PeriodSeconds), time.Second)) {
			return
		}
	}
}

func (p prober) ask(ctx context.Context, probe *corev1.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, max(seconds(probe.TimeoutSeconds), time.Second))
	defer cancel()
	switch {
	case probe.HTTPGet != nil:
		return p.get(ctx, probe.HTTPGet)
	case probe.TCPSocket != nil:
		return p.dial(ctx, probe.TCPSocket)
	}
	return errors.New("this node probes only by httpGet and tcpSocket")
}

// get asks as the kubelet does: a certificate isn't checked, a redirect is a
// success.
func (p prober) get(ctx context.Context, action *corev1.HTTPGetAction) error {
	host, err := p.host(action.Host, action.Port)
	if err != nil {
		return err
	}
	target := url.URL{Scheme: "http", Host: host}
	if action.Scheme == corev1.URISchemeHTTPS {
		target.Scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	if request.URL, err = target.Parse(action.Path); err != nil {
		return err
	}
	request.Header.Set("User-Agent", "kube-probe/local")
	for _, header := range action.HTTPHeaders {
		request.Header.Add(header.Name, header.Value)
		if http.CanonicalHeaderKey(header.Name) == "Host" {
			request.Host = header.Value
		}
	}
	return answer(request)
}

func answer(request *http.Request) error {
	client := http.Client{
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1024))
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return fmt.Errorf("%s answers %s: %s", request.URL, response.Status, text)
	}
	return nil
}

func (p prober) dial(ctx context.Context, action *corev1.TCPSocketAction) error {
	host, err := p.host(action.Host, action.Port)
	if err != nil {
		return err
	}
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	return connection.Close()
}

func (p prober) host(host string, port intstr.IntOrString) (string, error) {
	if host == "" {
		host = p.address
	}
	number, err := p.port(port)
	return net.JoinHostPort(host, strconv.Itoa(number)), err
}

// port finds a port by name among the container's.
func (p prober) port(port intstr.IntOrString) (int, error) {
	if port.Type == intstr.Int {
		return port.IntValue(), nil
	}
	for _, known := range p.container.Ports {
		if known.Name == port.StrVal {
			return int(known.ContainerPort), nil
		}
	}
	if number, err := strconv.Atoi(port.StrVal); err == nil {
		return number, nil
	}
	return 0, fmt.Errorf("container %s has no port named %q", p.container.Name, port.StrVal)
}

func seconds(n int32) time.Duration { return time.Duration(n) * time.Second }

// sleep waits, and reports false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
