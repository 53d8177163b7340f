package dialect

import "regexp"

// skipper is Skipper (zalando/skipper, v0.27). Nothing in it closes an idle
// WebSocket (proxy/upgrade.go copies without a deadline), but only the flag
// -experimental-upgrade lets one through. It keeps clients on pods by a hash of a
// cookie that the application sets, or of the client's address.
var skipper = Dialect{
	Name:  "skipper",
	Title: "Skipper (zalando/skipper)",
	Class: Class{
		Names:  []string{"skipper"},
		ByName: true,
		Order:  FieldFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: CookieAffinity, On: Ingress, Key: "zalando.org/skipper-loadbalancer", Format: skipperAlgorithm,
			ValueFrom: FromCookie{
				Write:            skipperByCookie,
				MissingInputHint: "set stickySessions.cookie.name (the application's cookie) or stickySessions.by: client-address in the policy",
			},
			Default: "roundRobin",
		},
		{
			Setting: CookieName, On: Ingress, Key: "zalando.org/skipper-filter",
			Layout: OneElement{Codec: Filters{}, Name: "consistentHashKey"}, Format: skipperKey,
			ValueFrom: FromCookie{Write: skipperCookie},
		},
		{Setting: AddressAffinity, On: Ingress, Key: "zalando.org/skipper-loadbalancer", Format: skipperAlgorithm, Default: "roundRobin"},
	},
	Conflicts: []Conflict{
		// Without its filter the hash would be of something else.
		{On: Ingress, Key: "zalando.org/skipper-filter", Matches: noFilters, Suppresses: cookieSettings},
		{
			On: Ingress, Key: "zalando.org/skipper-filter", Element: "consistentHashKey", Matches: skipperKeyOfRequest,
			Suppresses: controllerAffinity, Warning: notTheClient, WarnIf: IfSticky,
		},
	},
	Unsupported: []Limitation{
		{Setting: Upgrade, Remedy: "start it with -experimental-upgrade, without which no WebSocket gets through"},
		{Setting: IdleTimeout, Remedy: "nothing closes an idle WebSocket", NotNeeded: true},
		{Setting: ConnectTimeout, Remedy: "set its flag -upgrade-dial-timeout={value}", Format: secondsWithUnit},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieMaxAge, Remedy: "the application sets the cookie", NotNeeded: true},
		{Setting: CookiePath, Remedy: "the application sets the cookie", NotNeeded: true},
		{Setting: CookieSameSite, Remedy: "the application sets the cookie", NotNeeded: true},
		{Setting: CookieSecure, Remedy: "the application sets the cookie", NotNeeded: true},
		{Setting: CookieHTTPOnly, Remedy: "the application sets the cookie", NotNeeded: true},
	},
	ToPods:  true,
	Process: &Process{Images: []string{"teapot/skipper", "zalando/skipper", "skipper-ingress"}},
	Upgrade: "its flag -experimental-upgrade",
}

// skipperAlgorithm is one of these names, exactly (loadbalancer/algorithm.go).
var skipperAlgorithm = whenEmpty{Choice{
	Words:   map[string]string{Enabled: "consistentHash"},
	Others:  []string{"roundRobin", "random", "powerOfRandomNChoices", "weightedRoundRobin", "leastRequests"},
	Problem: skipperDrops,
}, Parsed{}}

const skipperDrops = "drops the Ingress's routes"

func skipperByCookie(c Cookie) (string, bool) {
	text, _ := skipperAlgorithm.Write(SwitchOf(true))
	return text, c.Name != ""
}

// skipperKey is one quoted text.
var skipperKey = Text{
	Pattern: regexp.MustCompile(`(?s)^\s*(?:` + quoted + `)\s*$`),
	Example: `"${request.cookie.session}"`,
	Problem: skipperDrops,
}

// skipperCookie returns what consistentHashKey hashes. A client without that
// cookie is hashed by its address.
func skipperCookie(c Cookie) (string, bool) {
	return `"${request.cookie.` + c.Name + `}"`, c.Name != ""
}

func noFilters(text string) bool {
	_, problem := Filters{}.Split(text)
	return problem != nil
}
