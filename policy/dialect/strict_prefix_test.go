package dialect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestAControllerKnowsItsOwnAnnotations(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for i := range d.Strict {
			strict := &d.Strict[i]
			assert.Contains(t, strict.Prefix, "/")
			assert.True(t, slices.IsSorted(strict.Names), "in order, so that a missing one is seen")
			for _, name := range strict.Names {
				assert.False(t, strict.FoldsCase && name != strings.ToLower(name), name)
				assert.True(t, strict.Knows(strict.Prefix+name), name)
				assert.False(t, strict.Knows(strict.Prefix+name+"x"), name)
				assert.Equal(t, strict.FoldsCase, strict.Knows(strict.Prefix+strings.ToUpper(name)), name)
			}
			for _, a := range d.Annotations {
				for key := range a.Keys() {
					if a.On == strict.On && strings.HasPrefix(key, strict.Prefix) {
						assert.True(t, strict.Knows(key), key)
					}
				}
			}
		}
	})
}

func TestWhatIsNotReadIsNoAnnotationOfTheDialect(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		var seen []string
		for _, unread := range d.Unread {
			assert.False(t, slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool { return a.HasKey(unread.Key) }), unread.Key)
			assert.NotContains(t, seen, unread.Key)
			seen = append(seen, unread.Key)
		}
	})
}

func TestANumberInAKey(t *testing.T) {
	router := dialect.ByName("traefik").Strict[1]
	for key, known := range map[string]bool{
		"tls.domains.0.main": true, "tls.domains.12.SANs": true, "tls.domains.a.main": false, "tls.domains.main": false,
		"tls.domains..main": false, "tls.domains.0.1.main": false,
	} {
		assert.Equal(t, known, router.Knows(router.Prefix+key), key)
	}
}
