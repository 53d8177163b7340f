package webhook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readSpec reads a review of an Ingress with that spec.
func readSpec(spec string) (*reviewed, error) {
	r, err := readReview([]byte(reviewOf(anIngress, "CREATE", `{"metadata":{"name":"chat"},"spec":`+spec+`}`, "null")), kindOf(IngressPath))
	if err != nil {
		return nil, err
	}
	return r.object, nil
}

// kindOf returns the kind of a path.
func kindOf(path string) *servedKind {
	i := slices.IndexFunc(servedKinds[:], func(k servedKind) bool { return k.path == path })
	return &servedKinds[i]
}

func TestBackendsPathsAndTLSOfAnIngress(t *testing.T) {
	for name, c := range map[string]struct {
		spec            string
		backends, paths []string
		tls             bool
	}{
		"nothing":        {`{}`, nil, nil, false},
		"no spec":        {`null`, nil, nil, false},
		"nulls":          {`{"rules":null,"defaultBackend":null,"tls":null}`, nil, nil, false},
		"empty lists":    {`{"rules":[],"tls":[]}`, nil, nil, false},
		"TLS":            {`{"tls":[{"hosts":["chat.example.com"]}]}`, nil, nil, true},
		"TLS of no host": {`{"tls":[{}]}`, nil, nil, true},
		"a default backend alone": {
			`{"defaultBackend":{"service":{"name":"web","port":{"number":80}}}}`, []string{"web"}, nil, false,
		},
		"a default backend, which comes last in any case": {
			`{"defaultBackend":{"service":{"name":"web"}},"rules":[{"http":{"paths":[{"path":"/chat","backend":{"service":{"name":"chat"}}}]}}]}`,
			[]string{"chat", "web"}, []string{"/chat"}, false,
		},
		"a default backend that is also in rules": {
			`{"defaultBackend":{"service":{"name":"a"}},"rules":[{"http":{"paths":[{"backend":{"service":{"name":"a"}}},{"backend":{"service":{"name":"b"}}}]}}]}`,
			[]string{"a", "b"}, []string{"/"}, false,
		},
		"any order of fields": {
			`{"tls":[{}],"rules":[{"http":{"paths":[{"backend":{"service":{"port":{"name":"ws"},"name":"chat"}},"pathType":"Exact","path":"/ws"}]},"host":"x"}],` +
				`"defaultBackend":{"service":{"name":"web"}}}`,
			[]string{"chat", "web"}, []string{"/ws"}, true,
		},
		"each once, in the order of the rules": {
			`{"rules":[` +
				`{"host":"b","http":{"paths":[{"path":"/b","backend":{"service":{"name":"b"}}},{"path":"/a","backend":{"service":{"name":"a"}}}]}},` +
				`{"host":"a","http":{"paths":[{"path":"/a","backend":{"service":{"name":"c"}}},{"path":"/b","backend":{"service":{"name":"b"}}}]}}]}`,
			[]string{"b", "a", "c"}, []string{"/b", "/a"}, false,
		},
		"missing and empty paths": {
			`{"rules":[{"http":{"paths":[{"backend":{"service":{"name":"a"}}},{"path":"","backend":{"service":{"name":"a"}}},{"path":null},null]}}]}`,
			[]string{"a"}, []string{"/"}, false,
		},
		"rules without paths": {
			`{"rules":[null,{},{"host":"x"},{"http":null},{"http":{}},{"http":{"paths":null}},{"http":{"paths":[]}}]}`, nil, nil, false,
		},
		"backends that are no Services": {
			`{"defaultBackend":{"resource":{"kind":"Bucket","name":"x"}},"rules":[{"http":{"paths":[` +
				`{"path":"/a","backend":{"resource":{"kind":"Bucket","name":"x"}}},{"path":"/b","backend":null},{"path":"/c","backend":{"service":null}},` +
				`{"path":"/d","backend":{"service":{"name":null}}},{"path":"/e","backend":{"service":{"name":""}}}]}}]}`,
			nil, []string{"/a", "/b", "/c", "/d", "/e"}, false,
		},
		"escapes": {
			`{"\u0072ules":[{"http":{"paths":[{"path":"\/a\u00e4\"","backend":{"s\u0065rvice":{"name":"ch\u0061t"}}},` +
				`{"path":"/aä\"","backend":{"service":{"name":"chat"}}}]}}]}`,
			[]string{"chat"}, []string{`/aä"`}, false,
		},
		"rules twice": {
			`{"rules":[{"http":{"paths":[{"path":"/a","backend":{"service":{"name":"a"}}}]}}],` +
				`"rules":[{"http":{"paths":[{"path":"/b","backend":{"service":{"name":"b"}}}]}}]}`,
			[]string{"b"}, []string{"/b"}, false,
		},
		"paths twice": {
			`{"rules":[{"http":{"paths":[{"path":"/a","backend":{"service":{"name":"a"}}}]}},` +
				`{"http":{"paths":[{"path":"/b","backend":{"service":{"name":"b"}}}],"paths":[{"path":"/c","backend":{"service":{"name":"c"}}}]}}]}`,
			[]string{"a", "c"}, []string{"/a", "/c"}, false,
		},
		"a path, a backend and a name twice": {
			`{"rules":[{"http":{"paths":[{"path":"/a","path":"/b","backend":{"service":{"name":"a"}},"backend":{"service":{"name":"b","name":"c"}}}]}}]}`,
			[]string{"c"}, []string{"/b"}, false,
		},
		"all of it twice, at last without any": {
			`{"rules":[{"http":{"paths":[{"path":"/a","backend":{"service":{"name":"a"}}}]},"http":{}}],"defaultBackend":{"service":{"name":"a"}},"defaultBackend":null}`,
			nil, nil, false,
		},
		"TLS twice": {`{"tls":[{}],"tls":[]}`, nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := readSpec(c.spec)
			require.NoError(t, err)
			assert.Equal(t, c.backends, o.Backends)
			assert.Equal(t, c.paths, o.Paths)
			assert.Equal(t, c.tls, o.TLS)
		})
	}
}

func TestAWrongTypeIsReportedWithItsPointer(t *testing.T) {
	for spec, want := range map[string]string{
		`[]`:                               "/spec: must be an object",
		`{"rules":{}}`:                     "/spec/rules: must be a list",
		`{"rules":"all"}`:                  "/spec/rules: must be a list",
		`{"rules":[{},1]}`:                 "/spec/rules/1: must be an object",
		`{"rules":[{"http":[]}]}`:          "/spec/rules/0/http: must be an object",
		`{"rules":[{"http":{"paths":1}}]}`: "/spec/rules/0/http/paths: must be a list",
		`{"rules":[{"http":{"paths":[{"path":true}]}}]}`:                          "/spec/rules/0/http/paths/0/path: must be a string",
		`{"rules":[{"http":{"paths":[{"path":["/"]}]}}]}`:                         "/spec/rules/0/http/paths/0/path: must be a string",
		`{"rules":[{"http":{"paths":[{},{"backend":{"service":{"name":80}}}]}}]}`: "/spec/rules/0/http/paths/1/backend/service/name: must be a string",
		`{"rules":[{"http":{"paths":[{"backend":{"service":"chat"}}]}}]}`:         "/spec/rules/0/http/paths/0/backend/service: must be an object",
		`{"defaultBackend":"chat"}`:                                               "/spec/defaultBackend: must be an object",
		`{"tls":true}`:                                                            "/spec/tls: must be a list",
	} {
		_, err := readSpec(spec)
		assert.ErrorContains(t, err, "at /request/object"+want, spec)
	}
}

func TestTheSpecIsThatOfThePathsKind(t *testing.T) {
	const (
		ingress = `{"spec":{"rules":[{"http":{"paths":[{"path":"/chat"}]}}],"type":1,"sessionAffinity":{}}}`
		service = `{"spec":{"rules":1,"tls":"yes","type":"NodePort"}}`
	)
	review := func(object, kind string) []byte {
		return []byte(`{"request":{"object":` + object + `,"kind":` + kind + `}}`)
	}
	read, err := readReview(review(ingress, anIngress), kindOf(IngressPath))
	require.NoError(t, err, "fields of a Service are ignored in an Ingress")
	assert.Equal(t, []string{"/chat"}, read.object.Paths)

	read, err = readReview(review(service, aService), kindOf(ServicePath))
	require.NoError(t, err, "fields of an Ingress are ignored in a Service")
	assert.Equal(t, "NodePort", read.object.Type)

	_, err = readReview(review(ingress, aService), kindOf(ServicePath))
	require.EqualError(t, err, "at /request/object/spec/type: must be a string")
}

func TestManyBackendsHaveNoDuplicates(t *testing.T) {
	const distinct = 3 * maxScanned
	o, err := readSpec(specOfRules(10*distinct, distinct, distinct))
	require.NoError(t, err)
	require.Len(t, o.Backends, distinct)
	require.Len(t, o.Paths, distinct)
	for i := range distinct {
		assert.Equal(t, fmt.Sprintf("service-%d", i), o.Backends[i])
		assert.Equal(t, fmt.Sprintf("/path-%d", i), o.Paths[i])
	}

	shadowed := strings.Replace(specOfRules(distinct, distinct, distinct), `"rules":`, `"rules":`+rules(2*distinct, 2*distinct, 2*distinct)+`,"rules":`, 1)
	again, err := readSpec(shadowed)
	require.NoError(t, err)
	assert.Equal(t, o.Backends, again.Backends)
	assert.Equal(t, o.Paths, again.Paths)
}

// specOfRules returns a spec with n rules that have that many different backends
// and paths.
func specOfRules(n, backends, paths int) string {
	return `{"ingressClassName":"nginx","rules":` + rules(n, backends, paths) + `}`
}

func rules(n, backends, paths int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"host":"h%d.example.com","http":{"paths":[{"path":"/path-%d","pathType":"Prefix",`+
			`"backend":{"service":{"name":"service-%d","port":{"number":80}}}}]}}`,
			i, i%paths, i%backends)
	}
	return "[" + strings.Join(list, ",") + "]"
}

func TestAThousandRulesCostNoMoreAllocationsThanTen(t *testing.T) {
	allocations := func(n, backends, paths int) float64 {
		body := []byte(reviewOf(anIngress, "CREATE", `{"metadata":{"name":"chat"},"spec":`+specOfRules(n, backends, paths)+`}`, "null"))
		return testing.AllocsPerRun(100, func() {
			if _, err := readReview(body, kindOf(IngressPath)); err != nil {
				t.Error(err)
			}
		})
	}
	ten := allocations(10, 10, 10)
	assert.Equal(t, ten, allocations(1000, 10, 10))
	assert.Less(t, allocations(1000, 10, 1000), ten+50, "paths that all differ share one buffer")
}

func BenchmarkReadReview(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("%d rules", n), func(b *testing.B) {
			object := `{"metadata":{"name":"chat"},"spec":` + specOfRules(n, 10, 10) + `}`
			body := []byte(reviewOf(anIngress, "UPDATE", object, object))
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := readReview(body, kindOf(IngressPath)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
