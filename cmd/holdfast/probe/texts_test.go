package probe

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAURLOfHTTPIsTakenAsAWebSockets(t *testing.T) {
	for text, want := range map[string]string{
		"https://chat.example.com/ws?room=1#top": "wss://chat.example.com/ws?room=1",
		"http://127.0.0.1:8080":                  "ws://127.0.0.1:8080",
		"WSS://chat.example.com":                 "wss://chat.example.com",
	} {
		u, err := ParseURL(text)
		require.NoError(t, err)
		assert.Equal(t, want, u.String())
	}
}

func TestAURLThatCannotBeUsedSaysWhatToWrite(t *testing.T) {
	for text, want := range map[string]string{
		"chat.example.com/ws":    `"chat.example.com/ws" has no scheme; write wss://chat.example.com/ws`,
		"ftp://chat.example.com": `"ftp" isn't the scheme of a WebSocket; write wss:// or ws://`,
		"wss:///ws":              "the URL has no host",
	} {
		_, err := ParseURL(text)
		assert.EqualError(t, err, want)
	}
}

func TestAHeaderIsWrittenInEitherWay(t *testing.T) {
	for _, text := range []string{"x-tenant=a=b:c", "X-Tenant: a=b:c"} {
		name, value, err := ParseHeader(text)
		require.NoError(t, err)
		assert.Equal(t, "X-Tenant", name)
		assert.Equal(t, "a=b:c", value)
	}
	for _, text := range []string{"x-tenant", "=a", "x tenant=a", "x-tenant=a\nb"} {
		_, _, err := ParseHeader(text)
		assert.Error(t, err, text)
	}
}

func TestAPodIsReadFromAFieldOfAnyKind(t *testing.T) {
	for message, want := range map[string]string{
		`{"pod":"chat-0"}`: "chat-0", `40{"pod":"chat-0"}`: "chat-0", `{"pod":7}`: "7", `{"pod":null}`: "", `pod`: "", ``: "",
	} {
		assert.Equal(t, want, PodSign{Field: "pod"}.read(&http.Response{}, nil, []byte(message)), message)
	}
}

func TestEachFaultOfACertificateHasItsSentence(t *testing.T) {
	for want, fault := range map[string]error{
		"the server's certificate isn't for \"chat.example.com\"":                                             x509.HostnameError{Host: "chat.example.com", Certificate: &x509.Certificate{}},
		"the server's certificate has expired or isn't valid yet":                                             x509.CertificateInvalidError{Reason: x509.Expired},
		"the server's certificate is of an authority that this machine doesn't know":                          x509.UnknownAuthorityError{},
		"the server's certificate is invalid: x509: certificate is not authorized to sign other certificates": x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign},
	} {
		problem, remedy := connectProblem(fmt.Errorf("dialing: %w", &tls.CertificateVerificationError{Err: fault}), &Target{})
		assert.Equal(t, want, problem)
		assert.Contains(t, remedy, "--insecure")
	}
}

// FuzzTextsOfTheServer holds that nothing that a server sends can move the cursor of a
// terminal, or fill it.
func FuzzTextsOfTheServer(f *testing.F) {
	for _, seed := range []string{"", "bye", "\x1b[2J", "a\nb", "\xff\xfe", strings.Repeat("x", 500), `0{"sid":"a","pingInterval":25000}`, "\u202e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown := firstLine(text)
		assert.True(t, utf8.ValidString(shown))
		assert.LessOrEqual(t, utf8.RuneCountInString(shown), maxShown+1)
		assert.False(t, strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", shown)
		if h := parseHeartbeat([]byte(text)); h != nil {
			assert.Positive(t, float64(h.Interval))
		}
		_ = jsonField([]byte(text), "pod")
	})
}

// FuzzArguments holds that no argument is taken for something that can't be sent.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{"wss://a", "ws://[::1]:1/", "0:100:0", "X-A=b", "http://\x00", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := ParseURL(text); err == nil {
			assert.Contains(t, []string{"ws", "wss"}, u.Scheme)
			assert.NotEmpty(t, u.Hostname())
		}
		if name, value, err := ParseHeader(text); err == nil {
			assert.NotEmpty(t, name)
			assert.NotContains(t, value, "\n")
		}
		if stages, err := ParseRamp(text, nil); err == nil {
			sockets, over := wantedAt(stages, rampLength(stages)/2)
			assert.GreaterOrEqual(t, sockets, 0)
			assert.False(t, over)
		}
	})
}
