// Package check finds what is wrong with Holdfast in a cluster, before and after it
// is installed there. It reads, and creates objects only as a dry run.
package check

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/holdfast-dev/holdfast/policy"
)

// Phase is when a check is of use.
type Phase int

// The phases. A check may belong to several.
const (
	BeforeInstalling Phase = 1 << iota
	AfterInstalling
	// Auditing is that of an audit. Its checks read with GET requests, and no Secret.
	Auditing
	always = BeforeInstalling | AfterInstalling
)

// check is one entry of the table of checks.
type check struct {
	section, name string
	phase         Phase
	// run returns what is right in half a line, and what is wrong. An error says that
	// it couldn't find out.
	run func(context.Context, *Cluster) (right string, faults []Fault, err error)
}

// Status is the outcome of a check: the severity of its gravest fault, OK, or that it
// wasn't made.
type Status string

// The statuses beside the severities. A check that isn't made lacks rights, or another
// one that found a fault; one that failed couldn't read the cluster.
const (
	OK         Status = "ok"
	NotChecked Status = "not-checked"
	Failed     Status = "failed"
)

// Result is what one check found.
type Result struct {
	Section string `json:"section"`
	Check   string `json:"check"`
	Status  Status `json:"status"`
	// Message is what is right, or why the check wasn't made; empty if there are faults.
	Message string  `json:"message,omitempty"`
	Faults  []Fault `json:"faults,omitempty"`
}

// Fault is one thing that is wrong in a cluster.
type Fault struct {
	Rule     policy.Rule     `json:"rule"`
	Severity policy.Severity `json:"severity"`
	// Object is the object that it is about, as kubectl names it; empty for none.
	Object string `json:"object,omitempty"`
	// Message is what is wrong, Remedy what to do.
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

// String returns what is wrong, with the object in front.
func (f Fault) String() string {
	if f.Object == "" {
		return f.Message
	}
	return f.Object + ": " + f.Message
}

// fault returns a fault with the severity of its rule.
func fault(rule policy.Rule, object, message, remedy string) Fault {
	return Fault{rule, rule.Info().Severity, object, message, remedy}
}

// one returns the result of a check that found one fault.
func one(rule policy.Rule, object, message, remedy string) (right string, faults []Fault, err error) {
	return "", []Fault{fault(rule, object, message, remedy)}, nil
}

// Run makes all checks of a phase, one after the other; a fault doesn't end it. It
// returns an error if the API server can't be reached.
func Run(ctx context.Context, c *Cluster, phase Phase) ([]Result, error) {
	if err := c.reach(ctx); err != nil {
		return nil, fmt.Errorf("reaching the API server: %w", err)
	}
	c = c.forRun(ctx)
	var results []Result
	for _, each := range checks {
		if each.phase&phase == 0 {
			continue
		}
		results = append(results, each.result(ctx, c))
		if err := ctx.Err(); err != nil {
			return results, err
		}
	}
	return results, nil
}

func (k check) result(ctx context.Context, c *Cluster) Result {
	right, faults, err := k.run(ctx, c)
	r := Result{Section: k.section, Check: k.name, Status: OK, Message: right, Faults: faults}
	switch {
	case err != nil:
		r.Status, r.Message = NotChecked, reason(err)
		if !isExpected(err) {
			r.Status = Failed
		}
	case len(faults) > 0:
		r.Status, r.Message = Status(gravest(faults)), ""
	}
	return r
}

// gravest returns the gravest severity of some faults.
func gravest(faults []Fault) policy.Severity {
	found := policy.SeverityNote
	for _, f := range faults {
		switch f.Severity {
		case policy.SeverityError:
			return policy.SeverityError
		case policy.SeverityWarning:
			found = policy.SeverityWarning
		case policy.SeverityNote:
		}
	}
	return found
}

// notChecked is the reason why a check wasn't made, as a sentence without an end.
type notChecked string

func (n notChecked) Error() string { return string(n) }

var (
	errNotInstalled = notChecked("Holdfast isn't registered in this cluster")
	errNoPolicy     = notChecked("the policy in the cluster can't be read")
)

// isExpected reports whether an error says that a check can't be made, and not that
// reading the cluster failed.
func isExpected(err error) bool {
	var why notChecked
	return errors.As(err, &why) || isForbidden(err) || apierrors.IsNotFound(err) || meta.IsNoMatchError(err)
}

// reason returns why something couldn't be found out.
func reason(err error) string {
	switch {
	case isForbidden(err):
		return "your account's rights don't allow it: " + err.Error()
	case meta.IsNoMatchError(err):
		return "the API server doesn't serve it: " + err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "the API server didn't answer in time"
	default:
		return err.Error()
	}
}
