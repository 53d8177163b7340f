package oracle

import "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

// Mended returns scenarios that once failed, by what they are about. Random ones seldom
// meet them.
func Mended() map[string]Scenario {
	sticky := map[string]string{stickyLabel: "true"}
	headless, clientIPs, noConfig := spec{"clusterIP": "None"}, spec{"sessionAffinity": clientIP}, spec{"sessionAffinityConfig": map[string]any{}}
	noSeconds := spec{"sessionAffinityConfig": map[string]any{"clientIP": map[string]any{}}}
	lived := map[string][]Step{
		"a timeout that is out of range, without ClientIP, applied by the server": {{Write: serverSideApply, Manifest: service(sticky, seconds(0))}},
		"the same by kubectl apply": {
			{Write: apply, Manifest: service(sticky, seconds(86401))}, {Write: apply, Manifest: service(sticky, seconds(0))},
		},
		"the same in patches": {
			{Write: create, Manifest: service(sticky, nil)}, {Write: mergePatch, Manifest: service(sticky, seconds(0))},
			{Write: edit, Manifest: service(sticky, seconds(86401))},
		},
		"a headless Service whose update leaves the address out": {
			{Write: create, Manifest: service(sticky, headless)}, {Write: replace, Manifest: service(sticky, nil)},
		},
		"sessionAffinity: ClientIP, applied where another timeout was injected": {
			{Write: serverSideApply, Manifest: shortened(service(sticky, nil))}, {Write: serverSideApply, Manifest: service(nil, clientIPs)},
		},
		"the same by kubectl apply, of ClientIP": {
			{Write: apply, Manifest: shortened(service(sticky, nil))}, {Write: apply, Manifest: service(nil, clientIPs)},
		},
		"an empty sessionAffinityConfig, applied by the server and removed": {
			{Write: serverSideApply, Manifest: shortened(service(sticky, noConfig))}, {Write: serverSideApply, Manifest: service(nil, nil)},
		},
		"an empty clientIP, applied by the server and removed, while the label stays": {
			{Write: serverSideApply, Manifest: shortened(service(sticky, noSeconds))}, {Write: serverSideApply, Manifest: shortened(service(sticky, nil))},
		},
		"the same by kubectl apply, of an empty sessionAffinityConfig": {
			{Write: apply, Manifest: shortened(service(sticky, noConfig))}, {Write: apply, Manifest: service(nil, nil)},
		},
		"a timeout that is applied beside a ClientIP written without a trace": {
			{Write: create, Manifest: service(sticky, nil)}, {Write: edit, Manifest: service(sticky, nil), Adopt: true},
			{Write: secondApply, Manifest: service(nil, seconds(60))},
		},
		"a record that the user writes over one that he has copied": {
			{Write: create, Manifest: service(sticky, nil)}, {Write: export, Manifest: service(nil, nil)}, {Write: edit, Manifest: forged(service(nil, nil))},
		},
		"an empty clientIP of two appliers, the second of whom opts out": {
			{Write: secondApply, Manifest: service(sticky, noSeconds)},
			{Write: serverSideApply, Manifest: service(map[string]string{policyLabel: ignore}, noSeconds)},
		},
		"a timeout that is applied with a record": {{Write: serverSideApply, Manifest: forged(service(sticky, seconds(60)))}},
		"a timeout beside an explicit None, patched": {
			{Write: create, Manifest: service(sticky, spec{"sessionAffinity": "None"})},
			{Write: mergePatch, Manifest: service(sticky, merged(spec{"sessionAffinity": "None"}, seconds(86400)))},
		},
	}
	scenarios := make(map[string]Scenario, len(lived))
	for about, steps := range lived {
		scenarios[about] = Scenario{Service, steps}
	}
	return scenarios
}

// spec is the part of a Service's spec that matters.
type spec = map[string]any

// seconds is a timeout of ClientIP without ClientIP.
func seconds(n int64) spec {
	return spec{"sessionAffinityConfig": map[string]any{"clientIP": map[string]any{"timeoutSeconds": n}}}
}

func merged(a, b spec) spec {
	both := spec{}
	merge(both, a)
	merge(both, b)
	return both
}

// service returns a Service with labels and fields.
func service(labels map[string]string, fields spec) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": string(Service), "spec": merged(spec{"ports": []any{map[string]any{"port": int64(80)}}}, fields),
	}}
	u.SetName("chat")
	if labels != nil {
		u.SetLabels(labels)
	}
	return u
}

// shortened returns a Service that asks for a timeout that isn't the API server's.
func shortened(u *unstructured.Unstructured) *unstructured.Unstructured {
	setAnnotation(u, stickyTimeout, "90m")
	return u
}

// forged returns a Service with a record that the user wrote.
func forged(u *unstructured.Unstructured) *unstructured.Unstructured {
	setAnnotation(u, recordAnnotation, "not JSON")
	return u
}
