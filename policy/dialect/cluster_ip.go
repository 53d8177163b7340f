package dialect

// toClusterIP returns the conflict of an annotation that has the controller send to the
// Service's ClusterIP instead of to its pods.
func toClusterIP(on Kind, key string, matches func(text string) bool, aliases ...string) Conflict {
	return Conflict{
		On: on, Key: key, Aliases: aliases, Matches: matches, Suppresses: affinitySettings, WarnIf: IfSticky, ToClusterIP: true,
		Warning: "sends all traffic to the Service's ClusterIP, so the controller can't keep a client on one pod; remove it",
	}
}
