package check

import (
	"bytes"
	"context"
	"fmt"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	corev1 "k8s.io/api/core/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// families are the metrics of a program by name.
type families map[string]*dto.MetricFamily

func (c *Cluster) metrics(ctx context.Context, path string) (families, error) {
	text, err := c.raw.Get().AbsPath(path).DoRaw(ctx)
	if err != nil {
		return nil, err
	}
	return parseMetrics(text)
}

func parseMetrics(text []byte) (families, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	return parser.TextToMetricFamilies(bytes.NewReader(text))
}

// metric returns one of an API server's metrics, of which it has megabytes.
func (c *Cluster) metric(ctx context.Context, name string) (*dto.MetricFamily, error) {
	text, err := c.raw.Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return nil, err
	}
	var lines []byte
	for line := range bytes.Lines(text) {
		if bytes.Contains(line, []byte(name)) {
			lines = append(lines, line...)
		}
	}
	all, err := parseMetrics(lines)
	return all[name], err
}

// podMetrics returns a pod's metrics, through the API server.
func (c *Cluster) podMetrics(ctx context.Context, pod *corev1.Pod) (families, error) {
	port, found := metricsPort(pod)
	if !found {
		return nil, notChecked("pod " + pod.Name + " has no port named metrics")
	}
	return c.metrics(ctx, fmt.Sprintf("/api/v1/namespaces/%s/pods/%s:%d/proxy/metrics", pod.Namespace, pod.Name, port))
}

// label returns the value of a metric's label; empty if it has none of that name.
func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// failOpenMetric counts the objects that the API server admitted although a webhook
// with failurePolicy Ignore failed (k8s.io/apiserver/pkg/admission/metrics).
const failOpenMetric = "apiserver_admission_webhook_fail_open_count"

func failedCalls(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	registered, err := c.registration(ctx)
	if err != nil {
		return "", nil, err
	}
	failed, err := c.metric(ctx, failOpenMetric)
	if err != nil {
		return "", nil, err
	}
	for _, webhook := range registered.Webhooks {
		count := 0.0
		for _, m := range failed.GetMetric() {
			if label(m, "name") == webhook.Name {
				count += m.GetCounter().GetValue()
			}
		}
		if count > 0 {
			faults = append(faults, fault(policy.RuleFailedOpen, "webhook/"+webhook.Name,
				fmt.Sprintf("the API server that answered has admitted %s without Holdfast since it started", policy.Quantity(int(count), "write")),
				"write the Ingresses and Services of the labelled namespaces again (kubectl patch NAME --type=merge -p '{}')"))
		}
	}
	return "the API server that answered has admitted no write without Holdfast since it started", faults, nil
}

// policyOfPods compares the digest of the policy in every pod with that of the
// ConfigMap.
func policyOfPods(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	file, err := c.policyFile(ctx)
	if err != nil {
		return "", nil, err
	}
	pods, err := c.pods(ctx)
	if err != nil {
		return "", nil, err
	}
	wanted := policy.Digest(file)
	var unread error
	for i := range pods {
		all, err := c.podMetrics(ctx, &pods[i])
		if err != nil {
			unread = err
			continue
		}
		if found := digest(all); found != wanted {
			faults = append(faults, fault(policy.RulePolicyNotInForce, "pod/"+pods[i].Name,
				fmt.Sprintf("uses the policy with SHA-256 %s, and the ConfigMap has %s", short(found), short(wanted)),
				fmt.Sprintf("wait two minutes; then see kubectl logs %s -n %s", pods[i].Name, pods[i].Namespace)))
		}
	}
	if unread != nil && len(faults) == 0 {
		return "", nil, unread
	}
	return fmt.Sprintf("SHA-256 %s in %s", short(wanted), policy.Quantity(len(pods), "pod")), faults, nil
}

// digest returns the digest of the policy in force from a pod's metrics; empty if there
// is none.
func digest(all families) string {
	for _, m := range all["holdfast_policy_info"].GetMetric() {
		return label(m, "sha256")
	}
	return ""
}

// short returns the beginning of a digest, enough to tell two apart.
func short(digest string) string {
	const shown = 12
	if digest == "" {
		return "(none)"
	}
	return digest[:min(shown, len(digest))]
}
