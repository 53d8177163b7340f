package webhook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestWhoWroteAnObjectIsReadAsItStands(t *testing.T) {
	object := func(metadata string) string { return `{"metadata":{` + metadata + `},"spec":{}}` }
	for name, c := range map[string]struct{ metadata, managed, applied string }{
		"managedFields":          {metadata: `"managedFields": [ {"manager":"x"} ] ,"name":"a"`, managed: `[ {"manager":"x"} ]`},
		"none":                   {metadata: `"name":"a"`},
		"managedFields: null":    {metadata: `"managedFields":null`},
		"the applied manifest":   {metadata: `"annotations":{"kubectl.kubernetes.io/last-applied-configuration": "{\"a\":1}\n","b":"c"}`, applied: `"{\"a\":1}\n"`},
		"both":                   {metadata: `"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"},"managedFields":[]`, managed: `[]`, applied: `"{}"`},
		"annotations once again": {metadata: `"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"},"annotations":{}`},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := readReview([]byte(reviewOf(anIngress, "UPDATE", object(c.metadata), object(c.metadata))), kindOf(IngressPath))
			require.NoError(t, err)
			for _, o := range []*reviewed{read.object, read.old} {
				assert.Equal(t, c.managed, string(o.Ownership.ManagedFields))
				assert.Equal(t, c.applied, string(o.Ownership.LastApplied))
			}
		})
	}
}

// injectedChat is an Ingress with what Holdfast injects, and whose user opts out.
const injectedChat = `{"metadata":{"name":"chat","namespace":"shop","labels":{"holdfast.dev/policy":"ignore"},"annotations":{` +
	`"nginx.ingress.kubernetes.io/proxy-read-timeout":"3600","nginx.ingress.kubernetes.io/proxy-send-timeout":"3600",` +
	`"holdfast.dev/injected":"{\"nginx.ingress.kubernetes.io/proxy-read-timeout\":\"3600\",\"nginx.ingress.kubernetes.io/proxy-send-timeout\":\"3600\"}"},` +
	`"managedFields":[MANAGED]},"spec":{"ingressClassName":"nginx"}}`

func TestTheUsersValueStays(t *testing.T) {
	const (
		created  = `{"manager":"kubectl-create","operation":"Update","fieldsV1":{"f:spec":{}}}`
		applied  = `{"manager":"kubectl","operation":"Apply","fieldsV1":{"f:metadata":{"f:annotations":{"f:nginx.ingress.kubernetes.io/proxy-read-timeout":{}}}}}`
		labelled = `{"manager":"kubectl-label","operation":"Update","fieldsV1":{"f:metadata":{"f:labels":{}}}}`
	)
	before := strings.Replace(strings.Replace(injectedChat, "MANAGED", created, 1), `"ignore"`, `"none"`, 1)
	for name, c := range map[string]struct {
		managed string
		mode    policy.Mode
		removed int
		warned  bool
	}{
		"server-side apply":                      {managed: created + "," + applied, mode: policy.Enforce, removed: 2},
		"kubectl label":                          {managed: created + "," + labelled, mode: policy.Enforce, removed: 3, warned: true},
		"kubectl label where nothing is changed": {managed: created + "," + labelled, mode: policy.Warn},
	} {
		t.Run(name, func(t *testing.T) {
			handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(c.mode)}})
			after := strings.Replace(injectedChat, "MANAGED", c.managed, 1)
			response := answerOf(t, post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "UPDATE", after, before)))
			assert.Equal(t, c.removed, strings.Count(string(response.Patch), `"remove"`), string(response.Patch))
			assert.Equal(t, c.warned, strings.Contains(strings.Join(response.Warnings, "\n"), "Holdfast removed"), response.Warnings)
		})
	}
}
