package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

// The types of SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), as far as a report
// needs them.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Automation  sarifAutomation   `json:"automationDetails"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
		Properties  sarifProperties   `json:"properties"`
	}
	sarifProperties struct {
		Evidence Evidence `json:"evidence"`
		Summary  Summary  `json:"summary"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               policy.Rule        `json:"id"`
		ShortDescription sarifText          `json:"shortDescription"`
		FullDescription  sarifText          `json:"fullDescription"`
		Help             sarifHelp          `json:"help"`
		Default          sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifHelp struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifConfiguration struct {
		Level policy.Severity `json:"level"`
	}
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Start         string              `json:"startTimeUtc,omitempty"`
		Account       string              `json:"account,omitempty"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   policy.Severity `json:"level"`
		Message sarifText       `json:"message"`
	}
	sarifResult struct {
		RuleID        policy.Rule        `json:"ruleId"`
		RuleIndex     int                `json:"ruleIndex"`
		Level         policy.Severity    `json:"level"`
		Message       sarifText          `json:"message"`
		Locations     []sarifLocation    `json:"locations"`
		Fingerprints  map[string]string  `json:"partialFingerprints"`
		Suppressions  []sarifSuppression `json:"suppressions,omitempty"`
		BaselineState string             `json:"baselineState,omitempty"`
		Properties    sarifDetails       `json:"properties"`
	}
	// sarifDetails are what SARIF has no field for.
	sarifDetails struct {
		Actor      policy.Actor `json:"actor"`
		Field      string       `json:"field,omitempty"`
		Controller string       `json:"controller,omitempty"`
		Found      string       `json:"found,omitempty"`
		Wanted     string       `json:"wanted,omitempty"`
		Lifetime   *Lifetime    `json:"lifetime,omitempty"`
		Command    string       `json:"command,omitempty"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	sarifLogical struct {
		Name     string `json:"fullyQualifiedName"`
		Resource string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homePage    = "https://github.com/holdfast-dev/holdfast"
	// fingerprintName is the fingerprint's name and the version of how it is made.
	fingerprintName = "holdfast/v1"
)

// writeSARIF writes SARIF 2.1.0, which code hosts show beside the lines of a change.
func writeSARIF(out io.Writer, r *Report) error {
	rules, index := sarifRules(r)
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "holdfast", Version: r.Evidence.Version, InformationURI: homePage, Rules: rules}},
		Automation:  sarifAutomation{"holdfast-audit/"},
		Invocations: []sarifInvocation{newSARIFInvocation(r)},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
		Properties:  sarifProperties{r.Evidence, r.Summary},
	}
	for _, f := range r.Findings {
		result := newSARIFResult(f, index[f.Rule])
		if r.Evidence.Baseline != "" && f.State == New {
			result.BaselineState = "new"
		}
		run.Results = append(run.Results, result)
	}
	return encodeJSON(out, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// sarifRules returns the rules of the findings, and the position of each.
func sarifRules(r *Report) (rules []sarifRule, index map[policy.Rule]int) {
	rules, index = []sarifRule{}, make(map[policy.Rule]int)
	for _, f := range r.Findings {
		if _, listed := index[f.Rule]; listed {
			continue
		}
		index[f.Rule] = len(rules)
		info := f.Rule.Info()
		rules = append(rules, sarifRule{
			f.Rule, sarifText{info.Title}, sarifText{info.Text}, newSARIFHelp(info), sarifConfiguration{f.Severity},
		})
	}
	return rules, index
}

// newSARIFHelp returns a rule's paragraph and its example, if it has one.
func newSARIFHelp(info policy.RuleInfo) sarifHelp {
	if info.Example == "" {
		return sarifHelp{Text: info.Text, Markdown: markdownText(info.Text)}
	}
	return sarifHelp{
		Text:     info.Text + "\n\nFor example:\n\n" + info.Example,
		Markdown: markdownText(info.Text) + "\n\nFor example:\n\n```yaml\n" + info.Example + "\n```",
	}
}

// newSARIFInvocation returns who ran the audit, when, and what they couldn't read.
func newSARIFInvocation(r *Report) sarifInvocation {
	invocation := sarifInvocation{Successful: len(r.Summary.Unread) == 0, Start: r.Evidence.Time, Account: r.Evidence.User}
	for _, each := range r.Summary.unread() {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{policy.SeverityWarning, sarifText{"not read: " + each}})
	}
	return invocation
}

func newSARIFResult(f Finding, rule int) sarifResult {
	result := sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: f.Severity, Message: sarifText{f.Message},
		Locations:    []sarifLocation{newSARIFLocation(f)},
		Fingerprints: map[string]string{fingerprintName: f.Fingerprint},
		Properties:   sarifDetails{f.Actor, f.Field, f.Controller, f.Found, f.Wanted, f.Lifetime, f.Command},
	}
	if f.Accepted != nil {
		result.Suppressions = []sarifSuppression{{"inSource", f.reason()}}
	}
	if f.State == Known {
		result.BaselineState = "unchanged"
	}
	return result
}

func newSARIFLocation(f Finding) sarifLocation {
	o := f.Object
	location := sarifLocation{Logical: []sarifLogical{{strings.Join([]string{o.Namespace, strings.ToLower(o.Kind), o.Name}, "/"), "resource"}}}
	if l := f.Location; l != nil {
		location.Physical = &sarifPhysical{sarifArtifact{pathURI(l.File)}, sarifRegion{l.Line, l.Column}}
	}
	return location
}

// pathURI returns a path as a URI reference.
func pathURI(path string) string {
	const unescaped = "/-._~!$&'()*+,;=@"
	var uri strings.Builder
	for _, b := range []byte(strings.ReplaceAll(path, `\`, "/")) {
		switch {
		case b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', strings.IndexByte(unescaped, b) >= 0:
			uri.WriteByte(b)
		default:
			fmt.Fprintf(&uri, "%%%02X", b)
		}
	}
	return uri.String()
}
