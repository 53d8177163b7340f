// Package conformance holds Holdfast's dialect to the parsers of F5's
// controller.
package conformance

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nginxinc/kubernetes-ingress/internal/configs"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// hear asks the parser of each annotation. The controller rejects an Ingress
// that has one of which the parser gives an error.
func hear(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	text, found := written[a.Key]
	if !found {
		return agree.Heard{}, nil
	}
	switch a.Setting {
	case dialect.ReadTimeout, dialect.SendTimeout, dialect.ConnectTimeout:
		parsed, err := configs.ParseTime(text)
		if err != nil {
			return agree.Heard{}, err
		}
		return nginxTime(parsed)
	case dialect.ResponseBuffering:
		on, err := configs.ParseBool(text)
		return agree.Switch(on), err
	case dialect.CookieAffinity:
		services, err := configs.ParseStickyServiceList(text)
		if err != nil || services[a.ElementName()] == "" {
			return agree.Heard{}, err
		}
		return agree.Switch(true), nil
	case dialect.AddressAffinity:
		method, err := configs.ParseLBMethod(text)
		switch method {
		case "ip_hash", "hash $remote_addr", "hash $remote_addr consistent":
			return agree.Switch(true), err
		case "":
			return agree.Text("round_robin"), err
		default:
			return agree.Text(method), err
		}
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
}

const day = 24 * time.Hour

var (
	groups = regexp.MustCompile(`(\d+)(ms|[yMwdhms])`)
	units  = map[string]time.Duration{
		"y": 365 * day, "M": 30 * day, "w": 7 * day, "d": day, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond,
	}
)

// nginxTime is what the controller writes into nginx's configuration, as nginx
// counts it, which refuses what it can't.
func nginxTime(parsed string) (agree.Heard, error) {
	sum := agree.Lasting(0)
	for _, group := range groups.FindAllStringSubmatch(parsed, -1) {
		n, err := strconv.ParseInt(group[1], 10, 64)
		if err != nil {
			return agree.Heard{}, fmt.Errorf("nginx can't count it: %w", err)
		}
		sum.Amount += agree.Times(n, units[group[2]]).Amount
	}
	return sum, nil
}

func TestHoldfastReadsAndWritesWhatF5sControllerDoes(t *testing.T) {
	agree.Controller{Dialect: "nginx-inc", Parser: hear, Forwards: map[dialect.Setting]string{dialect.CookieAffinity: "nginx"}}.Test(t)
}

func TestHoldfastFindsTheServicesOfAListThatF5sControllerFinds(t *testing.T) {
	names := func(_ *dialect.Annotation, text string) (map[string]string, error) {
		found := map[string]string{}
		for name := range configs.ParseServiceList(text) {
			found[name] = name
		}
		return found, nil
	}
	agree.Elements(t, "nginx-inc", "nginx.org/websocket-services", names,
		"", "web", "web,api", "web, api", " web", "web,", ",web", "web,,api", "web;api", "web,web", "Web")
}

func TestHoldfastFindsTheStickyServicesThatF5sControllerFinds(t *testing.T) {
	sticky := func(_ *dialect.Annotation, text string) (map[string]string, error) {
		return configs.ParseStickyServiceList(text)
	}
	for _, key := range []string{"nginx.org/sticky-cookie-services", "nginx.com/sticky-cookie-services"} {
		agree.Elements(t, "nginx-inc", key, sticky,
			"serviceName=web route",
			"serviceName=web route expires=1h path=/",
			"serviceName=web route;serviceName=api key",
			"serviceName=web route;serviceName=web key",
			"serviceName=web route; serviceName=api key",
			"serviceName=web route;",
			"serviceName=web",
			"serviceName=web=api route",
			"web route",
			"serviceName=web  route",
			strings.Repeat("x", 100),
		)
	}
}
