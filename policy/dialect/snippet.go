package dialect

import (
	"regexp"
	"slices"
	"strings"
)

// A snippet is a part of the proxy's own configuration that the user wrote into an
// annotation. Holdfast never edits one. What it decides is the user's own setting, and
// nothing is injected beside it.

// nginxSnippet returns the conflicts of a snippet in nginx's location. The controllers
// write each timer into every location themselves, and nginx accepts no second one there
// ("directive is duplicate").
func nginxSnippet(key string) []Conflict {
	conflicts := make([]Conflict, 0, len(nginxTimers))
	for _, timer := range nginxTimers {
		conflicts = append(conflicts, Conflict{
			On: Ingress, Key: key, Suppresses: setOf(timer.setting),
			Matches: func(text string) bool { return nginxSets(text, timer.directive) },
			Warning: "repeats " + timer.directive + ", so nginx rejects its configuration; use the annotation " + timer.annotation,
		})
	}
	return conflicts
}

// nginxTimers are nginx's directives for timeouts, and the annotations that its
// controllers have for them.
var nginxTimers = [...]struct {
	directive, annotation string
	setting               Setting
}{
	{"proxy_read_timeout", "proxy-read-timeout", ReadTimeout},
	{"proxy_send_timeout", "proxy-send-timeout", SendTimeout},
	{"proxy_connect_timeout", "proxy-connect-timeout", ConnectTimeout},
}

// nginxToken matches a token of nginx's configuration: a comment, a quoted text, a mark
// or a word, which may contain a variable in braces.
var nginxToken = regexp.MustCompile(`#.*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[;{}]|(?:\$\{\w*\}|[^\s;{}])+`)

// nginxSets reports whether a snippet sets a directive in the location itself, and not
// only in a block inside of it.
func nginxSets(text, directive string) bool {
	if !strings.Contains(text, directive) {
		return false
	}
	depth, begins := 0, true
	for _, token := range nginxToken.FindAllString(text, -1) {
		switch {
		case token[0] == '#':
			continue
		case token == "{":
			depth++
		case token == "}":
			depth--
		case begins && depth == 0 && token == directive:
			return true
		}
		begins = token == ";" || token == "{" || token == "}"
	}
	return false
}

// haproxyOwnBalancing is the warning for a snippet with a hash that isn't of the client.
const haproxyOwnBalancing = "hashes what doesn't identify the client, so clients don't stay on one pod; for sticky sessions remove that line"

// haproxySnippet returns the conflicts of a snippet in HAProxy's backend.
func haproxySnippet(on Kind, key string, aliases ...string) []Conflict {
	return []Conflict{
		{On: on, Key: key, Aliases: aliases, Matches: haproxySticks, Suppresses: controllerAffinity},
		{
			On: on, Key: key, Aliases: aliases, Suppresses: controllerAffinity,
			Matches: func(text string) bool { return !haproxySticks(text) && haproxyBalancesRequests(text) },
			Warning: haproxyOwnBalancing, WarnIf: IfSticky,
		},
	}
}

// haproxyOwnTimer is the warning for a snippet that sets a timer, beside a request for
// another one.
const haproxyOwnTimer = "sets this timeout in the proxy's configuration, so Holdfast sets none; change it there"

// haproxySnippetTimer returns the conflict of a snippet that sets the timer of
// tunnels.
func haproxySnippetTimer(key string, aliases ...string) Conflict {
	return Conflict{
		On: Ingress, Key: key, Aliases: aliases, Suppresses: setOf(IdleTimeout), Warning: haproxyOwnTimer, WarnIf: IfTimeoutAsked,
		Matches: func(text string) bool {
			return anyLine(text, func(words []string) bool { return len(words) > 2 && words[0] == "timeout" && words[1] == "tunnel" })
		},
	}
}

// haproxySticks reports whether a snippet keeps clients on pods: by a stick table, a
// cookie or a hash of the client.
func haproxySticks(text string) bool {
	return anyLine(text, func(words []string) bool {
		switch words[0] {
		case "stick":
			return true
		case "cookie":
			return slices.ContainsFunc(words, func(word string) bool { return word == "insert" || word == "rewrite" || word == "prefix" })
		case "balance":
			return haproxyHashesClient(strings.Join(words[1:], " "))
		default:
			return false
		}
	})
}

// haproxyBalancesRequests reports whether a snippet chooses pods by a hash of the
// request.
func haproxyBalancesRequests(text string) bool {
	return anyLine(text, func(words []string) bool {
		return words[0] == "balance" && haproxyHashesRequest(strings.Join(words[1:], " "))
	})
}

// anyLine reports whether the words of a line match.
func anyLine(text string, match func(words []string) bool) bool {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 && match(words) {
			return true
		}
	}
	return false
}
