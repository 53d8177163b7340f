// Package conformance holds Holdfast's dialect to the annotation handlers of
// HAProxy Technologies' controller.
package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/haproxytech/client-native/v5/models"
	"github.com/haproxytech/kubernetes-ingress/pkg/annotations"
	"github.com/haproxytech/kubernetes-ingress/pkg/store"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// hear asks the handlers of a backend's annotations, and for the tunnel's timer
// the parser that reads it. An error of theirs is logged, and the controller
// goes on without the annotation.
func hear(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	for key := range written {
		if strings.HasSuffix(key, "cookie-persistence-no-dynamic") {
			return agree.Heard{}, fmt.Errorf("%s came with 3.1: %w", key, agree.ErrNotAsked)
		}
	}
	read := store.CopyAnnotations(written)
	var backend models.Backend
	for _, annotation := range annotations.New().Backend(&backend, store.K8s{}, nil) {
		switch annotation.GetName() {
		case "timeout-server", "load-balance", "cookie-persistence":
			_ = annotation.Process(store.K8s{}, read)
		}
	}
	switch a.Setting {
	case dialect.IdleTimeout:
		if tunnel, err := annotations.Timeout("timeout-tunnel", read); err == nil {
			return timer(tunnel), nil
		}
		return agree.Heard{}, nil
	case dialect.ReadTimeout:
		return timer(backend.ServerTimeout), nil
	case dialect.CookieAffinity:
		if backend.Cookie == nil {
			return agree.Heard{}, nil
		}
		return agree.Switch(true), nil
	case dialect.AddressAffinity:
		return algorithm(backend.Balance, read["load-balance"]), nil
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
}

// timer is what HAProxy gets, which has no timer with zero.
func timer(milliseconds *int64) agree.Heard {
	switch {
	case milliseconds == nil:
		return agree.Heard{}
	case *milliseconds == 0:
		return agree.Lasting(time.Duration(dialect.Never))
	}
	return agree.Times(*milliseconds, time.Millisecond)
}

// algorithm is the text, where the controller took it. Where there is none,
// HAProxy takes turns.
func algorithm(taken *models.Balance, text string) agree.Heard {
	switch {
	case taken == nil || text == "":
		return agree.Text("roundrobin")
	case *taken.Algorithm == "source":
		return agree.Switch(true)
	default:
		return agree.Text(text)
	}
}

func TestHoldfastReadsAndWritesWhatHAProxyTechnologiesControllerDoes(t *testing.T) {
	agree.Controller{Dialect: "haproxytech", Parser: hear, Forwards: map[dialect.Setting]string{
		dialect.IdleTimeout: "HAProxy",
		dialect.ReadTimeout: "HAProxy",
	}, Apart: map[dialect.Setting]map[string]string{
		dialect.AddressAffinity: {"hash $remote_addr": "newer releases have it"},
	}}.Test(t)
}
