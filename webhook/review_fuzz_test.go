package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	kubernetes "sigs.k8s.io/json"

	"github.com/holdfast-dev/holdfast/policy"
)

// FuzzReadAsTheAPIServerDoes holds the one pass over a review against the API
// server's own decoder.
func FuzzReadAsTheAPIServerDoes(f *testing.F) {
	for _, seed := range strangeReviews() {
		f.Add([]byte(seed))
	}
	f.Fuzz(assertReadAlike)
}

func TestNestingIsReadAsDeepAsTheAPIServerDoes(t *testing.T) {
	for _, levels := range []int{9_999, 10_000, 10_001} {
		assertReadAlike(t, []byte(strings.Repeat(`{"x":`, levels)+"1"+strings.Repeat("}", levels)))
		assertReadAlike(t, []byte(`{"x":`+strings.Repeat("[", levels-1)+strings.Repeat("]", levels-1)+"}"))
	}
}

// assertReadAlike makes sure that both decoders say the same of the same bytes,
// or both refuse them, but for the rules that are Holdfast's own (readReview).
func assertReadAlike(t *testing.T, document []byte) {
	t.Helper()
	ours, err := readReview(document)
	if !jsontext.Value(document).IsValid(jsontext.AllowDuplicateNames(true)) {
		require.Error(t, err, "what is no JSON by RFC 8259, or no UTF-8, is refused")
		return
	}
	var whole, theirs theirReview
	refusal := errors.Join(kubernetes.UnmarshalCaseSensitivePreserveInts(document, &whole),
		kubernetes.UnmarshalCaseSensitivePreserveInts(withoutDuplicates(t, document), &theirs))
	if refusal != nil {
		require.Error(t, err, "the API server's decoder says %v", refusal)
		return
	}
	require.NoError(t, err)
	require.Equal(t, theirs.review(), ours)
}

// strangeReviews are what a decoder may stumble over.
func strangeReviews() []string {
	ingress := reviewOf(anIngress, "UPDATE", plainIngress, plainIngress)
	service := reviewOf(aService, "CREATE", stickyService, "null")
	configured := strings.Replace(service, `"None"`, `"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":600}}`, 1)
	strange := []string{
		ingress, service, configured, "", "null", "{}", "[]", `""`, "{", ingress + " ", ingress + "{}", "\ufeff" + ingress,
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
		`"annotations":{`:      `"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"\"\u00e4\ud83d\ude00","kubectl.kubernetes.io/last-applied-configuration":"x",`,
		`"team":"chat"`:        `"team":null,"\u0074eam":"\u0063hat"`,
		`"team"`:               "\"te\xffam\"",
		`"shop"`:               `"\ud800"`,
		`"name":"chat"`:        `"deletionTimestamp":1e999,"name":"chat"`,
		`"uid":"7f3c"`:         `"uid":7`,
		`"dryRun":false`:       `"dryRun":"false"`,
		`"CREATE"`:             `"\u0043REATE"`,
		`"port":{"number":80}`: `"port":{"number":080}`,
		`{"kind":"Admission`:   "{\t\"x\":[\n1.5e-3 , true]\r,\"kind\":\"Admission",
	} {
		for _, review := range []string{ingress, configured} {
			strange = append(strange, strings.Replace(review, from, to, 1))
		}
	}
	return strange
}

// withoutDuplicates leaves out each member of an object whose name comes again.
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

// theirReview is what Holdfast reads of a review, as the Go types of the API
// have it. What isn't read is of any type, so those types themselves won't do.
type theirReview struct {
	APIVersion string        `json:"apiVersion"`
	Kind       string        `json:"kind"`
	Request    *theirRequest `json:"request"`
}

type theirRequest struct {
	UID       string `json:"uid"`
	Operation string `json:"operation"`
	Kind      struct {
		Group   string `json:"group"`
		Version string `json:"version"`
		Kind    string `json:"kind"`
	} `json:"kind"`
	SubResource string       `json:"subResource"`
	Namespace   string       `json:"namespace"`
	Name        string       `json:"name"`
	DryRun      bool         `json:"dryRun"`
	Object      *theirObject `json:"object"`
	OldObject   *struct {
		Metadata theirMetadata `json:"metadata"`
	} `json:"oldObject"`
}

type theirObject struct {
	Metadata theirMetadata `json:"metadata"`
	Spec     theirSpec     `json:"spec"`
}

type theirMetadata struct {
	Name              string            `json:"name"`
	Labels            map[string]string `json:"labels"`
	Annotations       map[string]string `json:"annotations"`
	DeletionTimestamp json.RawMessage   `json:"deletionTimestamp"`
}

type theirSpec struct {
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

	Type                  string `json:"type"`
	ClusterIP             string `json:"clusterIP"`
	LoadBalancerClass     string `json:"loadBalancerClass"`
	SessionAffinity       string `json:"sessionAffinity"`
	SessionAffinityConfig *struct {
		ClientIP struct {
			TimeoutSeconds int64 `json:"timeoutSeconds"`
		} `json:"clientIP"`
	} `json:"sessionAffinityConfig"`
}

type theirBackend struct {
	Service struct {
		Name string `json:"name"`
	} `json:"service"`
}

func (r theirReview) review() *review {
	said := &review{apiVersion: r.APIVersion, kind: r.Kind}
	if r.Request == nil {
		return said
	}
	in := r.Request
	said.hasRequest, said.uid, said.operation, said.dryRun = true, in.UID, in.Operation, in.DryRun
	said.group, said.version, said.objectKind = in.Kind.Group, in.Kind.Version, policy.Kind(in.Kind.Kind)
	said.subResource, said.namespace, said.name = in.SubResource, in.Namespace, in.Name
	if in.Object != nil {
		said.object = in.Object.Metadata.reviewed(said)
		in.Object.Spec.add(said.object)
	}
	if in.OldObject != nil {
		said.old = in.OldObject.Metadata.reviewed(said)
	}
	return said
}

func (m theirMetadata) reviewed(of *review) *reviewed {
	o := &reviewed{annotated: m.Annotations != nil}
	o.Kind, o.Namespace, o.Name = of.objectKind, of.namespace, m.Name
	o.Deleting = m.DeletionTimestamp != nil && string(m.DeletionTimestamp) != "null"
	if own := policy.Own(m.Labels); len(own) > 0 {
		o.Labels = own
	}
	const unread = "kubectl.kubernetes.io/last-applied-configuration"
	if text, there := m.Annotations[unread]; there {
		o.OtherAnnotations = len(unread) + len(text)
		delete(m.Annotations, unread)
	}
	if len(m.Annotations) > 0 {
		o.Annotations = m.Annotations
	}
	return o
}

func (s theirSpec) add(o *reviewed) {
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
	o.Type, o.Headless, o.LoadBalancerClass = s.Type, s.ClusterIP == "None", s.LoadBalancerClass
	if s.SessionAffinity != policy.AffinityNone {
		o.Affinity.Type = s.SessionAffinity
	}
	if s.SessionAffinityConfig != nil {
		o.affinityConfigured = true
		o.Affinity.Seconds = s.SessionAffinityConfig.ClientIP.TimeoutSeconds
	}
}
