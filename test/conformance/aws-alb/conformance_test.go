// Package conformance holds Holdfast's dialect to the annotation parser of the
// AWS Load Balancer Controller.
package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

const prefix = "alb.ingress.kubernetes.io"

// attributes asks the parser for what is packed into an annotation.
func attributes(key string, written map[string]string) (map[string]string, error) {
	var found map[string]string
	_, err := annotations.NewSuffixAnnotationParser(prefix).ParseStringMapAnnotation(strings.TrimPrefix(key, prefix+"/"), &found, written)
	return found, err
}

// values are what AWS's texts mean to Holdfast.
var values = map[string]dialect.Value{
	"true": dialect.SwitchOf(true), "false": dialect.SwitchOf(false), "lb_cookie": dialect.TextOf(dialect.Persistent),
}

// hear asks for one attribute. The controller hands its text to AWS as it is.
func hear(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	all, err := attributes(a.Key, written)
	text, found := all[a.ElementName()]
	if err != nil || !found {
		return agree.Heard{}, err
	}
	switch a.Setting {
	case dialect.IdleTimeout, dialect.CookieMaxAge:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return agree.Times(n, time.Second), nil
		}
	case dialect.CookieAffinity, dialect.CookieMode:
		if value, ok := values[text]; ok {
			return agree.Heard{Value: value, Set: true}, nil
		}
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
	return agree.Heard{Value: dialect.TextOf(text), Set: true}, nil
}

func TestHoldfastReadsAndWritesWhatTheAWSControllerDoes(t *testing.T) {
	agree.Controller{Dialect: "aws-alb", Parser: hear, Forwards: map[dialect.Setting]string{
		dialect.IdleTimeout:    "AWS",
		dialect.CookieAffinity: "AWS",
		dialect.CookieMode:     "AWS",
		dialect.CookieMaxAge:   "AWS",
	}}.Test(t)
}

// Releases differ in what they make of a comma too many, of blanks around "="
// and of a backslash, so none is asked here.
func TestHoldfastFindsTheAttributesThatTheAWSControllerFinds(t *testing.T) {
	unpack := func(a *dialect.Annotation, text string) (map[string]string, error) {
		return attributes(a.Key, map[string]string{a.Key: text})
	}
	for _, name := range []string{"load-balancer-attributes", "target-group-attributes"} {
		agree.Elements(t, "aws-alb", prefix+"/"+name, unpack,
			"",
			"idle_timeout.timeout_seconds=3600",
			"access_logs.s3.enabled=false,idle_timeout.timeout_seconds=3600",
			"access_logs.s3.enabled=false, idle_timeout.timeout_seconds=3600",
			" a=b ",
			"a=b,a=c",
			"a=",
			"a=b=c",
			"a=b;c=d",
			"a:b",
			"a=b,c",
			"=b",
			"a",
			`a="b"`,
		)
	}
}
