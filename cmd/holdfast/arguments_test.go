package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMistypedCommandLinesSayWhatToType(t *testing.T) {
	for name, c := range map[string]struct{ args, want string }{
		"no -f":                       {"inject", "holdfast: -f is missing; name a file or a folder of manifests, or - for standard input: holdfast inject -f FILE\n"},
		"no -f to remove from":        {"uninject", "holdfast: -f is missing; name a file or a folder of manifests, or - for standard input: holdfast uninject -f FILE\n"},
		"no -f to check":              {"policy validate", "holdfast: -f is missing; name a file with a policy, or - for standard input: holdfast policy validate -f FILE\n"},
		"a file without -f":           {"inject a.yaml", "holdfast: unexpected argument \"a.yaml\"; name a file with -f: holdfast inject -f a.yaml\n"},
		"a file without a command":    {"a.yaml", "holdfast: \"a.yaml\" is a file and not a command; name it with -f: holdfast audit -f a.yaml\n"},
		"the same with a flag":        {"a.yaml -o diff", "holdfast: \"a.yaml\" is a file and not a command; name it with -f: holdfast audit -f a.yaml\n"},
		"a file behind a group":       {"policy a.yaml", "holdfast: \"a.yaml\" is a file and not a command; name it with -f: holdfast policy print -f a.yaml\n"},
		"a mistyped command":          {"injct", "holdfast: there is no command \"injct\"; did you mean inject?\nholdfast --help lists the commands\n"},
		"a mistyped one with flags":   {"injct -f a.yaml", "holdfast: there is no command \"injct\"; did you mean inject?\nholdfast --help lists the commands\n"},
		"a mistyped one in a group":   {"policy valdate", "holdfast: there is no command \"valdate\"; did you mean validate?\nholdfast policy --help lists the commands\n"},
		"a command like no other":     {"xyzzyplugh", "holdfast: there is no command \"xyzzyplugh\"\nholdfast --help lists the commands\n"},
		"a mistyped flag":             {"inject --polcy p.yaml", "holdfast: unknown flag: --polcy; did you mean --policy?\nholdfast inject --help lists the flags\n"},
		"an unknown letter":           {"inject -x", "holdfast: unknown shorthand flag: 'x' in -x\nholdfast inject --help lists the flags\n"},
		"a flag without its value":    {"inject -f", "holdfast: flag needs an argument: 'f' in -f\n"},
		"two names":                   {"dialects kong traefik", "holdfast: unexpected argument \"traefik\"; holdfast dialects takes one name\n"},
		"an argument for none":        {"version now", "holdfast: unexpected argument \"now\"; holdfast version takes flags only\n"},
		"a family of dialects":        {"dialects nginx", "holdfast: there is no dialect \"nginx\"; did you mean ingress-nginx, traefik-nginx or nginx-inc?\nholdfast dialects lists them\n"},
		"a controller by its vendor":  {"dialects f5", "holdfast: there is no dialect \"f5\"; did you mean nginx-inc?\nholdfast dialects lists them\n"},
		"a family behind explain":     {"explain haproxy", "holdfast: there is no rule or dialect \"haproxy\"; did you mean haproxytech or haproxy-ingress?\nholdfast explain lists them\n"},
		"a mistyped rule":             {"explain out-of-bonds", "holdfast: there is no rule or dialect \"out-of-bonds\"; did you mean out-of-bounds?\nholdfast explain lists them\n"},
		"a name that means any other": {"dialects e", "holdfast: there is no dialect \"e\"\nholdfast dialects lists them\n"},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, map[string]string{"a.yaml": plainIngress})
			exit, stdout, stderr := holdfast(t, "", strings.Fields(c.args)...)
			assert.Equal(t, exitFailed, exit)
			assert.Empty(t, stdout)
			assert.Equal(t, c.want, stderr)
		})
	}
}

func TestGroupsOfCommandsShowTheirHelp(t *testing.T) {
	for _, args := range []string{"", "policy"} {
		exit, stdout, stderr := holdfast(t, "", strings.Fields(args)...)
		assert.Zero(t, exit)
		assert.Contains(t, stdout, "Available Commands:")
		assert.Empty(t, stderr)
	}
}
