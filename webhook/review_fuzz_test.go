package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	kubernetes "sigs.k8s.io/json"

	"github.com/holdfast-dev/holdfast/policy"
)

// FuzzReadAsTheAPIServerDoes compares readReview with the API server's decoder.
func FuzzReadAsTheAPIServerDoes(f *testing.F) {
	for _, seed := range unusualReviews() {
		f.Add([]byte(seed))
	}
	f.Fuzz(assertReadAlike)
}

func TestNestingHasTheAPIServersLimit(t *testing.T) {
	for _, levels := range []int{9_999, 10_000, 10_001} {
		assertReadAlike(t, []byte(strings.Repeat(`{"x":`, levels)+"1"+strings.Repeat("}", levels)))
		assertReadAlike(t, []byte(`{"x":`+strings.Repeat("[", levels-1)+strings.Repeat("]", levels-1)+"}"))
	}
}

// assertReadAlike checks, for each kind, that both decoders return the same for a
// document, or an error, apart from the differences that readReview documents.
func assertReadAlike(t *testing.T, document []byte) {
	t.Helper()
	assertReadAlikeAs[theirIngressSpec, unreadSpec](t, kindOf(IngressPath), document)
	assertReadAlikeAs[theirServiceSpec, theirServiceSpec](t, kindOf(ServicePath), document)
}

func assertReadAlikeAs[S, Old theirSpec](t *testing.T, kind *servedKind, document []byte) {
	t.Helper()
	ours, err := readReview(document, kind)
	if !jsontext.Value(document).IsValid(jsontext.AllowDuplicateNames(true)) {
		require.Error(t, err, "invalid JSON (RFC 8259) and invalid UTF-8 are errors")
		return
	}
	var whole, theirs theirReview[S, Old]
	refusal := errors.Join(kubernetes.UnmarshalCaseSensitivePreserveInts(document, &whole),
		kubernetes.UnmarshalCaseSensitivePreserveInts(withoutDuplicates(t, document), &theirs))
	if refusal != nil {
		require.Error(t, err, "the API server's decoder returns %v", refusal)
		return
	}
	require.NoError(t, err)
	if ours.object != nil {
		ours.object.missing = append([]string{}, ours.object.missing...)
		slices.Sort(ours.object.missing)
		// These are about the text, which isn't decoded.
		ours.object.Ownership, ours.object.Size = policy.Ownership{}, 0
	}
	if ours.old != nil {
		ours.old.missing, ours.old.Ownership, ours.old.Size = nil, policy.Ownership{}, 0
	}
	want := theirs.review(kind)
	for _, o := range []*reviewed{want.object, want.old, ours.object, ours.old} {
		if o != nil && len(o.namespace) == 0 {
			o.namespace = nil
		}
	}
	require.Equal(t, want, ours)
}

// unusualReviews returns valid and invalid documents with unusual JSON.
func unusualReviews() []string {
	ingress := reviewOf(anIngress, "UPDATE", chatIngress, chatIngress)
	service := reviewOf(aService, "CREATE", stickyService, "null")
	configured := strings.Replace(service, `"None"`, `"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":600}}`, 1)
	headless := reviewOf(aService, "UPDATE", stickyService, `{"spec":{"clusterIP":"None"}}`)
	unusual := []string{
		ingress, service, configured, headless, "", "null", "{}", "[]", `""`, "{", ingress + " ", ingress + "{}", "\ufeff" + ingress,
		`{"request":{},"request":null}`, `{"request":null,"request":{"uid":"a","uid":null}}`, `{"Request":{"UID":"a"}}`,
	}
	for from, to := range map[string]string{
		`"metadata"`:           `"metadata":{"name":"x","labels":{"holdfast.dev/ignore":"x"},"annotations":{"a":"b"},"deletionTimestamp":"x"},"metadata"`,
		`"spec"`:               `"spec":{"ingressClassName":"x","tls":[{}],"type":"x","clusterIP":"None","sessionAffinityConfig":{}},"spec"`,
		`"http"`:               `"http":{"paths":[{"path":"/x","backend":{"service":{"name":"x"}}}]},"http"`,
		`"name":"chat","port"`: `"name":"x","name":null,"port"`,
		`"clientIP"`:           `"clientIP":{"timeoutSeconds":1},"clientIP"`,
		`"clientIP":{`:         `"clientIP":null,"x":{`,
		`600`:                  `6e2`,
		`600}`:                 `600.0}`,
		`{"timeout`:            `{"timeoutSeconds":99999999999999999999,"timeout`,
		`"labels":{`:           `"labels":{"app":1,`,
		`"annotations":{`: `"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"\"\u00e4\ud83d\ude00",` +
			`"kubectl.kubernetes.io/last-applied-configuration":"x",`,
		`"team":"chat"`:        `"team":null,"\u0074eam":"\u0063hat"`,
		`"team"`:               "\"te\xffam\"",
		`"shop"`:               `"\ud800"`,
		`"name":"chat"`:        `"deletionTimestamp":1e999,"name":"chat"`,
		`"uid":"7f3c"`:         `"uid":7`,
		`"dryRun":false`:       `"dryRun":"false"`,
		`"namespace":"shop",`:  `"generateName":"chat-","generateName":7,`,
		`"CREATE"`:             `"\u0043REATE"`,
		`"port":{"number":80}`: `"port":{"number":080}`,
		`{"kind":"Admission`:   "{\t\"x\":[\n1.5e-3 , true]\r,\"kind\":\"Admission",
	} {
		for _, review := range []string{ingress, configured} {
			unusual = append(unusual, strings.Replace(review, from, to, 1))
		}
	}
	return unusual
}

// withoutDuplicates removes each member of an object that is followed by one of the
// same name.
func withoutDuplicates(t *testing.T, document []byte) []byte {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(document), jsontext.AllowDuplicateNames(true))
	var out bytes.Buffer
	copyLast(t, d, &out)
	return out.Bytes()
}

func copyLast(t *testing.T, d *jsontext.Decoder, out *bytes.Buffer) {
	t.Helper()
	switch d.PeekKind() {
	case '{':
		copyLastMembers(t, d, out)
	case '[':
		skipToken(t, d)
		out.WriteByte('[')
		for i := 0; d.PeekKind() != ']'; i++ {
			if i > 0 {
				out.WriteByte(',')
			}
			copyLast(t, d, out)
		}
		skipToken(t, d)
		out.WriteByte(']')
	default:
		value, err := d.ReadValue()
		require.NoError(t, err)
		out.Write(value)
	}
}

func copyLastMembers(t *testing.T, d *jsontext.Decoder, out *bytes.Buffer) {
	t.Helper()
	var names []string
	values := make(map[string]*bytes.Buffer)
	skipToken(t, d)
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		require.NoError(t, err)
		name := token.String()
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = new(bytes.Buffer)
		copyLast(t, d, values[name])
	}
	skipToken(t, d)
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		quoted, err := jsontext.AppendQuote(nil, name)
		require.NoError(t, err)
		out.Write(append(quoted, ':'))
		out.Write(values[name].Bytes())
	}
	out.WriteByte('}')
}

func skipToken(t *testing.T, d *jsontext.Decoder) {
	t.Helper()
	_, err := d.ReadToken()
	require.NoError(t, err)
}

// theirReview has the fields that Holdfast reads, with the types of the API. The
// API's own types don't fit, since they also check the fields that Holdfast skips. S is
// the spec of the object, Old that of the one before an update.
type theirReview[S, Old theirSpec] struct {
	APIVersion string                `json:"apiVersion"`
	Kind       string                `json:"kind"`
	Request    *theirRequest[S, Old] `json:"request"`
}

type theirRequest[S, Old theirSpec] struct {
	UID       string `json:"uid"`
	Operation string `json:"operation"`
	Kind      struct {
		Group   string `json:"group"`
		Version string `json:"version"`
		Kind    string `json:"kind"`
	} `json:"kind"`
	SubResource string            `json:"subResource"`
	Namespace   string            `json:"namespace"`
	Name        string            `json:"name"`
	DryRun      bool              `json:"dryRun"`
	Object      *theirObject[S]   `json:"object"`
	OldObject   *theirObject[Old] `json:"oldObject"`
}

type theirObject[S theirSpec] struct {
	Metadata *theirMetadata `json:"metadata"`
	Spec     *S             `json:"spec"`
}

type theirMetadata struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	GenerateName      string            `json:"generateName"`
	Labels            map[string]string `json:"labels"`
	Annotations       map[string]string `json:"annotations"`
	DeletionTimestamp json.RawMessage   `json:"deletionTimestamp"`
}

// theirSpec is the spec of a kind.
type theirSpec interface{ addTo(o *reviewed) }

// unreadSpec is a spec that isn't read.
type unreadSpec struct{}

func (*unreadSpec) UnmarshalJSON([]byte) error { return nil }
func (unreadSpec) addTo(*reviewed)             {}

type theirIngressSpec struct {
	IngressClassName *string `json:"ingressClassName"`
	Rules            []struct {
		HTTP struct {
			Paths []struct {
				Path    string       `json:"path"`
				Backend theirBackend `json:"backend"`
			} `json:"paths"`
		} `json:"http"`
	} `json:"rules"`
	DefaultBackend theirBackend      `json:"defaultBackend"`
	TLS            []json.RawMessage `json:"tls"`
}

type theirBackend struct {
	Service struct {
		Name string `json:"name"`
	} `json:"service"`
}

type theirServiceSpec struct {
	Type                  string  `json:"type"`
	ClusterIP             string  `json:"clusterIP"`
	LoadBalancerClass     string  `json:"loadBalancerClass"`
	SessionAffinity       *string `json:"sessionAffinity"`
	SessionAffinityConfig *struct {
		ClientIP struct {
			TimeoutSeconds int64 `json:"timeoutSeconds"`
		} `json:"clientIP"`
	} `json:"sessionAffinityConfig"`
}

func (r theirReview[S, Old]) review(kind *servedKind) review {
	read := review{apiVersion: cut(r.APIVersion), kind: cut(r.Kind)}
	if r.Request == nil {
		return read
	}
	in := r.Request
	read.hasRequest, read.uid, read.operation, read.dryRun = true, in.UID, cut(in.Operation), in.DryRun
	read.group, read.version, read.objectKind = cut(in.Kind.Group), cut(in.Kind.Version), policy.Kind(cut(in.Kind.Kind))
	read.subResource, read.namespace, read.name = cut(in.SubResource), cut(in.Namespace), cut(in.Name)
	if in.Object != nil {
		read.object = in.Object.Metadata.reviewed(kind, read.namespace)
		in.Object.addSpecTo(read.object)
		slices.Sort(read.object.missing)
	}
	if in.OldObject != nil {
		read.old = in.OldObject.Metadata.reviewed(kind, read.namespace)
		in.OldObject.addSpecTo(read.old)
		read.old.missing = nil
	}
	return read
}

func (t *theirObject[S]) addSpecTo(o *reviewed) {
	if t.Spec != nil {
		(*t.Spec).addTo(o)
		return
	}
	missing := slices.Clone(o.missing)
	(*new(S)).addTo(o)
	o.missing = slices.Concat(missing, []string{"/spec"})
}

func (m *theirMetadata) reviewed(kind *servedKind, namespace string) *reviewed {
	o := &reviewed{missing: []string{}}
	o.Kind, o.Namespace = kind.kind, namespace
	if m == nil {
		o.missing = append(o.missing, "/metadata")
		return o
	}
	if m.Annotations == nil {
		o.missing = append(o.missing, policy.AnnotationsPointer)
	}
	o.Name, o.namespace, o.GenerateName = m.Name, []byte(m.Namespace), m.GenerateName
	o.Deleting = m.DeletionTimestamp != nil && string(m.DeletionTimestamp) != "null"
	labels := maps.Clone(m.Labels)
	maps.DeleteFunc(labels, func(key, _ string) bool { return !strings.HasPrefix(key, policy.Prefix) })
	if len(labels) > 0 {
		o.Labels = labels
	}
	const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
	if text, ok := m.Annotations[lastApplied]; ok {
		o.OtherAnnotations = len(lastApplied) + len(text)
		delete(m.Annotations, lastApplied)
	}
	if len(m.Annotations) > 0 {
		o.Annotations = m.Annotations
	}
	return o
}

func (s theirIngressSpec) addTo(o *reviewed) {
	o.ClassName, o.TLS = s.IngressClassName, len(s.TLS) > 0
	add := func(list *[]string, text string) {
		if text != "" && !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	for _, rule := range s.Rules {
		for _, path := range rule.HTTP.Paths {
			if path.Path == "" {
				path.Path = "/"
			}
			add(&o.Paths, path.Path)
			add(&o.Backends, path.Backend.Service.Name)
		}
	}
	add(&o.Backends, s.DefaultBackend.Service.Name)
}

func (s theirServiceSpec) addTo(o *reviewed) {
	o.Type, o.Headless, o.LoadBalancerClass = s.Type, s.ClusterIP == "None", s.LoadBalancerClass
	var affinity policy.Affinity
	if s.SessionAffinity == nil {
		o.missing = append(o.missing, policy.SessionAffinity)
	} else if *s.SessionAffinity != policy.AffinityNone {
		affinity.Type = *s.SessionAffinity
	}
	if s.SessionAffinityConfig == nil {
		o.missing = append(o.missing, policy.SessionAffinityConfig)
	} else {
		affinity.Seconds = s.SessionAffinityConfig.ClientIP.TimeoutSeconds
	}
	o.Fields = []policy.Field{policy.SessionAffinityField(affinity)}
}
