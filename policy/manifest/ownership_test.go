package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhoWroteAnObject(t *testing.T) {
	const annotations = "metadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: "
	for name, c := range map[string]struct{ metadata, managed, applied string }{
		"nobody says":          {},
		"managedFields":        {metadata: "metadata:\n  managedFields:\n  - operation: Apply\n    fieldsV1: {f:spec: {.: {}}}\n", managed: `[{"fieldsV1":{"f:spec":{".":{}}},"operation":"Apply"}]`},
		"managedFields: null":  {metadata: "metadata: {managedFields: null}\n"},
		"a loop":               {metadata: "metadata:\n  managedFields: &a [*a]\n"},
		"the applied manifest": {metadata: annotations + "|\n      {\"a\": 1}\n", applied: `"{\"a\": 1}\n"`},
	} {
		t.Run(name, func(t *testing.T) {
			o := readObject(t, ingressType+c.metadata)
			assert.Equal(t, c.managed, string(o.Ownership.ManagedFields))
			assert.Equal(t, c.applied, string(o.Ownership.LastApplied))
		})
	}
}

func TestATimeoutWithoutSessionAffinity(t *testing.T) {
	for text, want := range map[string]string{
		"60":    "/60",
		`"60"`:  "",
		"0":     "",
		"90000": "",
		"soon":  "",
		"null":  "",
	} {
		o := readObject(t, serviceType+"spec: {sessionAffinityConfig: {clientIP: {timeoutSeconds: "+text+"}}}\n")
		assert.Empty(t, o.Faults, "the API server drops it")
		if want == "" {
			assert.Nil(t, o.Fields[0].Value, text)
		} else {
			assert.Equal(t, want, *o.Fields[0].Value, text)
		}
	}
}
