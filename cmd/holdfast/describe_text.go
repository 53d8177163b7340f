package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// describeWidth is how many columns a description takes.
const describeWidth = 80

// descriptionText is the text of a description.
type descriptionText struct{ strings.Builder }

// writeDescription writes a description for a terminal.
func writeDescription(out io.Writer, d description) error {
	var t descriptionText
	t.title(d)
	t.decision(d.Decision, d.Object.Kind)
	t.settings(d)
	t.timers(d.Timers, d.Decision.condition())
	t.stickiness(d.Stickiness)
	t.nextWrite(d)
	t.findings(d.Findings)
	t.commands(d.Commands)
	t.section("Not known", len(d.NotKnown) > 0)
	for _, each := range d.NotKnown {
		t.line("  ", each)
	}
	_, err := io.WriteString(out, t.String())
	return err
}

// section begins a section, if there is one.
func (t *descriptionText) section(title string, isThere bool) {
	if isThere {
		t.WriteString("\n" + title + "\n")
	}
}

// line writes a wrapped line; what comes first is as wide as the indent of those below it.
func (t *descriptionText) line(first, sentence string) {
	report.WriteWrapped(&t.Builder, describeWidth, first, strings.Repeat(" ", utf8.RuneCountInString(first)), sentence)
}

// labelled writes a line behind a label, in a column.
func (t *descriptionText) labelled(indent int, label, sentence string) {
	const column = 16
	t.line(fmt.Sprintf("%s%-*s", strings.Repeat(" ", indent), column-indent, label), sentence)
}

func (t *descriptionText) title(d description) {
	name := d.Object.Kind + " " + d.Object.Name
	if d.Object.Namespace != "" {
		name += " in Namespace " + d.Object.Namespace
	}
	if d.File != "" {
		name += " (" + d.File + ")"
	}
	t.line("", name)
	t.WriteString("\n")
	for _, sentence := range d.Summary {
		t.line("  ", sentence)
	}
}

func (t *descriptionText) decision(d describedDecision, kind string) {
	t.section("What decides it", true)
	answer := "no: "
	if d.Changes && !d.LeftAlone {
		answer = "yes: "
	}
	t.labelled(2, "changed", answer+d.Because)
	t.labelled(2, "policy", d.Policy)
	if kind == string(policy.Ingress) {
		class := d.Class
		if class == "" {
			class = "none"
		}
		t.labelled(2, "class", class+", from "+d.ClassFrom)
	}
	for i, c := range d.Controllers {
		label := "controller"
		switch {
		case len(d.Controllers) > 1 && i == 0:
			label = "controllers"
		case i > 0:
			label = ""
		}
		parts := []string{c.Title + ", called " + c.Dialect + " in policies"}
		if len(d.Controllers) == 1 {
			parts = append(parts, "known by "+c.From)
		}
		for _, option := range slices.Sorted(maps.Keys(c.Options)) {
			parts = append(parts, option+": "+c.Options[option])
		}
		t.labelled(2, label, strings.Join(parts, "; "))
	}
	if len(d.Controllers) == 0 {
		t.labelled(2, "controller", "not known")
	}
}

func (t *descriptionText) settings(d description) {
	t.section("Settings", true)
	if len(d.Settings) == 0 {
		t.line("  ", "none that the controller reads here, neither by the author nor by Holdfast")
	}
	for i, s := range d.Settings {
		if i > 0 {
			t.WriteString("\n")
		}
		t.setting(s, d.Decision.Changes)
	}
}

func (t *descriptionText) setting(s describedSetting, changes bool) {
	value := s.Value
	if s.Means != "" {
		value += " (" + s.Means + ")"
	}
	t.line("  ", s.Setting+" = "+value)
	key := s.Key
	if s.Element != "" {
		key = s.Element + " in " + key
	}
	t.labelled(4, "in", key)
	t.labelled(4, "written", writtenBy(s, changes))
	t.labelled(4, "wanted by", s.Wanted.Sentence)
	for _, sentence := range s.Adjusted {
		t.labelled(4, "adjusted", sentence)
	}
	for _, other := range s.Overrides {
		t.labelled(4, "overrides", other.Sentence)
	}
}

// writtenBy says who wrote a setting.
func writtenBy(s describedSetting, changes bool) string {
	switch {
	case s.Now == nil && changes:
		return "not yet: Holdfast adds it at the next write"
	case s.Now == nil:
		return "no: Holdfast would add it"
	case s.WrittenBy == "holdfast" && *s.Now == s.Value:
		return "by Holdfast"
	case s.WrittenBy == "holdfast":
		return fmt.Sprintf("by Holdfast, as %q until the next write", *s.Now)
	case *s.Now == s.Value:
		return "by the object's author"
	default:
		return fmt.Sprintf("by the object's author, as %q", *s.Now)
	}
}

func (t *descriptionText) timers(all []describedTimer, condition string) {
	t.section("Timers that close a WebSocket, from the client to the pod", true)
	for _, timer := range all {
		t.labelled(2, timer.Place, timerSentence(timer, condition))
	}
}

// timerSentence returns one timer as a line shows it.
func timerSentence(timer describedTimer, condition string) string {
	parts := []string{timer.Owner + ": " + afterSeconds(timer, condition)}
	if key := cmp.Or(timer.Key, timer.On); key != "" {
		if timer.Key != "" && timer.On != "" {
			key += " of " + timer.On
		}
		if timer.Default {
			key += ", not set"
		}
		parts = append(parts, "("+key+")")
	}
	if timer.Sentence != "" {
		parts[len(parts)-1] += ";"
		parts = append(parts, timer.Sentence)
	}
	if timer.Shortest {
		parts = append(parts, "<- the shortest")
	}
	return strings.Join(parts, " ")
}

func afterSeconds(timer describedTimer, condition string) string {
	switch now, after := timer.NowSeconds, timer.AfterSeconds; {
	case !timer.Known:
		return "not known"
	case now == nil && after == nil:
		return "never"
	case timer.OnReload:
		return seconds(*now) + " after each reload of its configuration, idle or not"
	case now == nil:
		return "never now, " + seconds(*after) + " " + condition
	case after == nil:
		return seconds(*now) + " now, never " + condition
	case *now != *after:
		return seconds(*now) + " idle now, " + seconds(*after) + " " + condition
	default:
		return seconds(*now) + " idle"
	}
}

func (t *descriptionText) stickiness(s describedStickiness) {
	t.section("Sticky sessions", true)
	switch {
	case s.By == nil:
		t.labelled(2, "wanted", "no: nobody asks for them")
	case s.Wanted:
		t.labelled(2, "wanted", "yes: "+s.By.Sentence)
	default:
		t.labelled(2, "wanted", "no: "+s.By.Sentence)
	}
	if len(s.Services) > 0 {
		t.labelled(2, "for", strings.Join(s.Services, ", "))
	}
	for _, each := range s.RestsOn {
		t.labelled(2, "rest on", each)
	}
	for i, each := range s.Ends {
		label := "limits"
		if i > 0 {
			label = ""
		}
		t.labelled(2, label, each)
	}
}

func (t *descriptionText) nextWrite(d description) {
	title := "What the next write changes"
	if !d.Decision.Changes {
		title = "What the next write would change with holdfast.dev/policy: enforce"
	}
	t.section(title, true)
	switch {
	case d.NextWrite.Refused:
		t.line("  ", "nothing: a write that brings these values is refused, see below")
	case len(d.NextWrite.Changes) == 0:
		t.line("  ", "nothing")
	}
	for _, c := range d.NextWrite.Changes {
		t.line("  ", c.Key+":")
		t.line("    ", shownText(c.Now)+" -> "+shownText(c.Then))
	}
	if len(d.NextWrite.Changes) > 0 && d.Decision.Changes && d.File == "" {
		t.line("  ", "An unchanged kubectl apply is no write; this is one:")
		t.command("kubectl patch " + strings.ToLower(d.Object.Kind) + "/" + d.Object.Name + " -n " + d.Object.Namespace + " --type=merge -p '{}'")
	}
}

// shownText returns a value before or after a change.
func shownText(text *string) string {
	if text == nil {
		return "not set"
	}
	return fmt.Sprintf("%q", *text)
}

func (t *descriptionText) findings(all []describedFinding) {
	t.section("What you should know", len(all) > 0)
	for _, f := range all {
		sentence := f.Message
		if f.Actor == policy.Admin {
			sentence += " [for an admin of the cluster]"
		}
		t.line(fmt.Sprintf("  %-8s ", f.Severity), sentence)
		if f.Command != "" {
			t.command(f.Command)
		}
	}
}

func (t *descriptionText) commands(all []describedCommand) {
	t.section("If you want something else", len(all) > 0)
	for _, c := range all {
		t.line("  ", c.To+":")
		t.command(c.Command)
	}
}

// command writes a command so that a shell takes it as one line.
func (t *descriptionText) command(command string) {
	const indent = "    "
	var wrapped strings.Builder
	report.WriteWrapped(&wrapped, describeWidth-len(` \`), indent, indent+"  ", command)
	t.WriteString(strings.ReplaceAll(strings.TrimSuffix(wrapped.String(), "\n"), "\n", " \\\n") + "\n")
}
