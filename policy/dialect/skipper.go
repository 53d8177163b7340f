package dialect

import "regexp"

// skipper is Skipper (zalando/skipper, v0.27). Nothing in it ends a silent
// WebSocket (proxy/upgrade.go copies without a deadline), but only the flag
// -experimental-upgrade lets one through. It keeps clients on pods by a hash: of
// a cookie that the application sets, or of the client's address.
var skipper = Dialect{
	Name:  "skipper",
	Title: "Skipper (zalando/skipper)",
	Class: Class{
		Names:  []string{"skipper"},
		ByName: true,
		Order:  FieldFirst,
	},
	Spellings: []*Spelling{
		{Setting: CookieAffinity, On: Ingress, Key: "zalando.org/skipper-loadbalancer", Format: skipperAlgorithm, Compose: skipperByCookie, Default: "roundRobin", Lacking: "Skipper makes no cookie: name the application's own in the policy's stickySessions.cookie.name, or set stickySessions.by: client-address"},
		{Setting: CookieName, On: Ingress, Key: "zalando.org/skipper-filter", Packing: Filters{}, Member: "consistentHashKey", Format: skipperKey, Compose: skipperCookie},
		{Setting: AddressAffinity, On: Ingress, Key: "zalando.org/skipper-loadbalancer", Format: skipperAlgorithm, Default: "roundRobin"},
	},
	Traps: []Trap{
		// Without its key the hash would be of another thing than was asked for.
		{On: Ingress, Key: "zalando.org/skipper-filter", Sprung: noFilters, Stops: cookies},
	},
	Cannot: []Refusal{
		{Setting: Upgrade, Instead: "start it with -experimental-upgrade, without which no WebSocket gets through"},
		{Setting: IdleTimeout, Instead: "nothing ends a silent WebSocket", Met: true},
		{Setting: ConnectTimeout, Instead: "set its flag -upgrade-dial-timeout"},
		{Setting: ResponseBuffering, Instead: "it streams", Met: true},
		{Setting: RequestBuffering, Instead: "it streams", Met: true},
		{Setting: CookieMaxAge, Instead: "the cookie is the application's own", Met: true},
		{Setting: CookiePath, Instead: "the cookie is the application's own", Met: true},
		{Setting: CookieSameSite, Instead: "the cookie is the application's own", Met: true},
		{Setting: CookieSecure, Instead: "the cookie is the application's own", Met: true},
		{Setting: CookieHTTPOnly, Instead: "the cookie is the application's own", Met: true},
	},
	Upgrade: "its flag -experimental-upgrade",
}

// skipperAlgorithm is one of its words, exactly (loadbalancer/algorithm.go).
var skipperAlgorithm = whenEmpty{Choice{
	Words:   map[string]string{Enabled: "consistentHash"},
	Others:  []string{"roundRobin", "random", "powerOfRandomNChoices", "weightedRoundRobin", "leastRequests"},
	Problem: skipperDrops,
}, Reading{}}

const skipperDrops = "drops the Ingress's routes"

func skipperByCookie(c Cookie) (string, bool) {
	text, _ := skipperAlgorithm.Spell(Value{Word: Enabled})
	return text, c.Name != ""
}

// skipperKey is one text in quotes.
var skipperKey = Text{
	Pattern: regexp.MustCompile(`(?s)^\s*(?:` + quoted + `)\s*$`),
	Such:    `"${request.cookie.session}"`,
	Problem: skipperDrops,
}

// skipperCookie is what consistentHashKey hashes. A client that has no such
// cookie yet is hashed by its address.
func skipperCookie(c Cookie) (string, bool) {
	return `"${request.cookie.` + c.Name + `}"`, c.Name != ""
}

func noFilters(text string) bool {
	_, fault := Filters{}.Split(text)
	return fault != nil
}
