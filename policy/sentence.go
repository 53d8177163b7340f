package policy

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// signature ends every sentence that a user may read without its context.
const signature = " (holdfast)"

// maxLine is where the API server cuts a warning.
const maxLine = 256

// Warning returns the finding as one line for the author of the object. The API
// server drops a warning with a control character in silence, and cuts one that is
// longer than 256.
func (f Finding) Warning() string { return line(f.Subject()+": "+f.Sentence(), signature) }

const (
	// maxShownName is how much of an object's name a warning shows, and minShownName how much of
	// it, and of each Service's name, if the sentence is long.
	maxShownName = 63
	minShownName = 14
)

// WarningFor returns the warning with the object's kind and name in front: kubectl
// prints the warnings of all objects that it applies one below the other.
func (f Finding) WarningFor(o *Object) string {
	sentence := ": " + f.Subject() + ": " + f.Sentence()
	object := string(o.Kind)
	if o.Name != "" {
		shown := min(utf8.RuneCountInString(o.Name), minShownName)
		room := maxLine - utf8.RuneCountInString(object+" "+signature)
		sentence = shortenServices(sentence, room-shown)
		object += " " + shorten(o.Name, min(max(room-utf8.RuneCountInString(sentence), minShownName), maxShownName))
	}
	return line(object+sentence, signature)
}

// Note returns the finding as one line for an admin.
func (f Finding) Note() string { return line(f.Subject()+": "+f.Sentence(), "") }

// Subject returns what the finding is about, as a sentence begins: an annotation's
// or a label's key, a field's path, a Namespace, a controller or Holdfast itself.
func (f Finding) Subject() string {
	switch {
	case f.Target != Target{} && (f.Target.IsAnnotation() || f.Target.isLabel()):
		return f.Target.Name
	case f.Target != Target{}:
		return f.Target.Path()
	case f.Namespace != "":
		return "Namespace " + f.Namespace
	default:
		return cmp.Or(f.Controller, "Holdfast")
	}
}

// Sentence returns the rest of the sentence.
func (f Finding) Sentence() string { return f.Message.fill(f) }

// FieldError returns the reason of a refusal in the API server's own terms.
func (f Finding) FieldError() *field.Error {
	path := field.NewPath("metadata", "annotations").Key(f.Target.Name)
	if f.Target.isLabel() {
		path = field.NewPath("metadata", "labels").Key(f.Target.Name)
	}
	return field.Invalid(path, shorten(f.Found, maxValue), f.Detail+signature)
}

// Message is the template of a sentence. A name in braces stands for a part of
// the finding.
type Message string

// fill puts the finding's parts into the template.
func (m Message) fill(f Finding) string {
	var out strings.Builder
	rest := string(m)
	for {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, behind, _ := strings.Cut(after, "}")
		out.WriteString(f.part(name))
		rest = behind
	}
}

// part returns a part of the finding as sentences show it.
func (f Finding) part(name string) string {
	switch name {
	case "":
		// An empty JSON object in a command.
		return "{}"
	case "found":
		found, _ := quotePair(f.Found, cmp.Or(f.Wanted, f.Origin.Text))
		return found
	case "wanted":
		_, wanted := quotePair(f.Found, f.Wanted)
		return wanted
	case "wanted-text":
		return f.Wanted
	case "found-text":
		return f.Found
	case "origin":
		return f.Origin.Key + ": " + f.originText()
	case "origin-key":
		return f.Origin.Key
	case "controller":
		return called(f.Controller)
	case "dialect":
		return f.Controller
	case "namespace":
		return f.Namespace
	case "setting":
		return f.Setting.String()
	case "wanted-setting":
		return f.wantedSetting()
	case "detail":
		return dialect.FillIn(f.Detail, f.Wanted)
	default:
		panic(fmt.Sprintf("policy: a message names {%s}, which no finding has", name))
	}
}

// wantedSetting returns the setting and the value that it should have. Of what should
// be enabled and isn't, "cookie-affinity enabled" would say the opposite.
func (f Finding) wantedSetting() string {
	if f.Wanted == dialect.SwitchOf(true).String() {
		return "no " + f.Setting.String()
	}
	return f.Setting.String() + " " + f.Wanted
}

// called returns what a controller's users call it.
func called(name string) string {
	if d := dialect.ByName(name); d != nil {
		return d.Called()
	}
	return name
}

// originText returns what the origin says, as sentences show it beside what was
// found.
func (f Finding) originText() string {
	if f.Wanted != "" {
		return quote(f.Origin.Text)
	}
	_, text := quotePair(f.Found, f.Origin.Text)
	return text
}

// line makes a sentence fit for a warning, whatever it quotes.
func line(text, end string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	room := maxLine - utf8.RuneCountInString(end)
	return shorten(shortenServices(text, room), room) + end
}

// shortenServices shortens the names of Services in a sentence that is longer than a
// number of runes, so that what to do isn't cut off behind them.
func shortenServices(sentence string, runes int) string {
	if utf8.RuneCountInString(sentence) <= runes {
		return sentence
	}
	words, inList := strings.Split(sentence, " "), false
	for i, word := range words {
		if inList {
			name := strings.TrimRight(word, ",;:")
			words[i] = shortenMiddle(name, minShownName) + word[len(name):]
		}
		inList = word == "Service" || word == "Services" || inList && strings.HasSuffix(word, ",")
	}
	return strings.Join(words, " ")
}

// shortenMiddle cuts a text to a number of runes, and keeps both its ends: names that
// belong together often differ only there.
func shortenMiddle(text string, runes int) string {
	all := []rune(text)
	if len(all) <= runes {
		return text
	}
	head := (runes - 1) / 2
	return string(all[:head]) + "…" + string(all[len(all)-(runes-1-head):])
}

// shorten cuts a text to a number of runes, and shows that it did.
func shorten(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	return string([]rune(text)[:runes-1]) + "…"
}

// namedServices names a few Services for a sentence: at most three, and of long names fewer.
func namedServices(names []string) string {
	const maxNames, maxRunes = 3, 80
	if len(names) == 1 {
		return "Service " + names[0]
	}
	shown, runes := 0, 0
	for _, name := range names[:min(len(names), maxNames)] {
		if runes += len(name); shown > 0 && runes > maxRunes {
			break
		}
		shown++
	}
	list := "Services " + strings.Join(names[:shown], ", ")
	if more := len(names) - shown; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// Quantity returns a number with its noun: "1 Ingress", "2 Ingresses", "2 policies".
func Quantity(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	case strings.HasSuffix(noun, "cy"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// Enumerated returns names as a sentence lists them: "a, b and c" or "a, b or c".
func Enumerated(names []string, conjunction string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
}
