package dialect_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestEverySettingIsComplete(t *testing.T) {
	names := map[string]bool{}
	for s, info := range dialect.Settings() {
		assert.Equal(t, info, *s.Info())
		assert.NotEmpty(t, info.Name, "setting %d has no row", s)
		assert.False(t, names[info.Name], "two settings are called %s", info.Name)
		names[info.Name] = true
		assert.NotEqual(t, dialect.NoValue, info.Kind, s)
		assert.Equal(t, info.Kind, info.Example.Kind, "the example of %s", s)
		if !info.Always.Unset() {
			assert.Equal(t, info.Kind, info.Always.Kind, "what is always wanted of %s", s)
		}
		if info.Enables {
			assert.NotEqual(t, dialect.NoAffinity, info.Affinity, "%s enables no mode", s)
		}
		if info.DesiredAs != dialect.NoSetting {
			assert.Equal(t, info.Kind, info.DesiredAs.Info().Kind, "%s takes its value from %s", s, info.DesiredAs)
		}
	}
	assert.Empty(t, dialect.NoSetting.String())
}

func TestSettingsAreWrittenByName(t *testing.T) {
	text, err := json.Marshal(map[string]dialect.Setting{"setting": dialect.ReadTimeout})
	require.NoError(t, err)
	assert.JSONEq(t, `{"setting": "read-timeout"}`, string(text))
	assert.Equal(t, "cookie-http-only", dialect.CookieHTTPOnly.String())
}

func TestAffinityModes(t *testing.T) {
	for _, s := range settings() {
		if s.EnablesAffinity() {
			assert.NotEqual(t, dialect.NoAffinity, s.AffinityMode(), "%s switches stickiness on, so it belongs to an affinity mode", s)
		}
		if strings.HasPrefix(s.String(), "cookie-") {
			assert.Equal(t, dialect.ByCookie, s.AffinityMode(), s)
		}
	}
	assert.Equal(t, dialect.ByClientAddress, dialect.AddressAffinity.AffinityMode())
	assert.Equal(t, dialect.NoAffinity, dialect.SessionAffinity.AffinityMode(), "a Service's own is no controller's")
}

func TestDirections(t *testing.T) {
	assert.Equal(t, []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout}, dialect.IdleTimeout.Directions())
	for _, s := range []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout, dialect.ConnectTimeout} {
		assert.Equal(t, []dialect.Setting{s}, s.Directions())
	}
	for _, s := range []dialect.Setting{dialect.ResponseTimeout, dialect.DrainTimeout, dialect.CookieMaxAge, dialect.SessionAffinity} {
		assert.Empty(t, s.Directions(), "%s isn't an idle timer", s)
	}
}
