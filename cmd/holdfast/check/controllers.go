package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func ingressClasses(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	cluster, err := c.engineView(ctx)
	if err != nil {
		return "", nil, err
	}
	p, classes := cluster.Policy, cluster.IngressClasses
	if len(classes) == 0 {
		return "there are none yet; Holdfast then knows controllers by the usual names of their classes", nil, nil
	}
	var known []string
	for _, class := range classes {
		controller := p.ResolveClass(class.Name, classes)
		switch {
		case controller.Dialect != nil:
			known = append(known, fmt.Sprintf("%s (%s)", class.Name, controller.Dialect.Called()))
		case controller.Unknown != "" && p.UnknownController != policy.UnknownIgnore:
			faults = append(faults, fault(policy.RuleUnknownClassController, "ingressclass/"+class.Name,
				fmt.Sprintf("Holdfast doesn't know its controller %q, so Ingresses of this class get nothing", class.Controller),
				fmt.Sprintf("set controllers: {%s: {dialect: NAME}} in the policy; dialect: none leaves the class alone", class.Controller)))
		default:
			known = append(known, class.Name+" (left alone)")
		}
	}
	return strings.Join(known, ", "), faults, nil
}

// defaultTimeouts finds controllers that keep idle WebSockets longer than the policy's
// timeouts, which will be injected, do.
func defaultTimeouts(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	cluster, err := c.engineView(ctx)
	if err != nil {
		return "", nil, err
	}
	p, classes := cluster.Policy, cluster.IngressClasses
	injected := min(p.Timeouts.Read.Default, p.Timeouts.Send.Default)
	if injected == 0 {
		return "the policy injects no timeouts by default", nil, nil
	}
	var shortened []*dialect.Dialect
	for _, each := range p.Controllers(classes) {
		if d := each.Dialect; d.KeepsIdleLonger(injected) && !slices.Contains(shortened, d) {
			shortened = append(shortened, d)
		}
	}
	for _, d := range shortened {
		faults = append(faults, fault(policy.RuleShortenedDefault, "", fmt.Sprintf("%s %s; with Holdfast it will do so after %s",
			d.Called(), idleByDefault(d.Idle), injected),
			"raise timeouts.read.default and timeouts.send.default in the policy if that is too short"))
	}
	return fmt.Sprintf("no controller keeps an idle WebSocket longer than the policy's %s", injected), faults, nil
}

func idleByDefault(i dialect.Idle) string {
	if i.Ends == 0 {
		return "never closes an idle WebSocket by default"
	}
	return fmt.Sprintf("closes an idle WebSocket after %s by default", i.Ends)
}
