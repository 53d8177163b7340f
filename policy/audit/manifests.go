package audit

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const msgManifest policy.Message = `{detail}`

// AddFaults adds why an API server would refuse an object that the engine evaluates.
func (s *Snapshot) AddFaults(o *policy.Object, faults []*manifest.Fault) {
	for _, f := range faults {
		s.AddFault(ObjectOf(o), f)
	}
}

// AddFault adds why an API server would refuse an object.
func (s *Snapshot) AddFault(o Object, f *manifest.Fault) {
	added := s.addManifest(policy.RuleInvalidManifest, o, policy.ParsePath(f.Field), f.Position, f.Message)
	if f.Unquoted != "" {
		added.Command = fixFile(f.Position.File)
	}
}

// AddSyntaxError adds why a document can't be parsed.
func (s *Snapshot) AddSyntaxError(err *manifest.SyntaxError) {
	s.addManifest(policy.RuleInvalidManifest, Object{}, policy.FieldTarget("/document"), err.Position, err.Message)
}

// AddRepeatedKeys adds the keys that a manifest of an object has more than once.
func (s *Snapshot) AddRepeatedKeys(o Object, repeated []*manifest.Fault) {
	for _, f := range repeated {
		s.addManifest(policy.RuleRepeatedKey, o, policy.ParsePath(f.Field), f.Position, f.Message)
	}
}

// addManifest adds what is wrong with an object, or with the file if the object has no name.
func (s *Snapshot) addManifest(rule policy.Rule, o Object, t policy.Target, at manifest.Position, message string) *Finding {
	if o.Name == "" {
		o = Object{Kind: "File", Name: at.File}
	}
	f := policy.Finding{Rule: rule, Actor: policy.Author, Message: msgManifest, Target: t, Detail: message}
	s.ManifestFindings = append(s.ManifestFindings, Finding{Finding: f, Object: o, Position: at})
	return &s.ManifestFindings[len(s.ManifestFindings)-1]
}

// manifestFindings returns what is wrong with the manifests and no longer shows in
// their objects.
func manifestFindings(v *view) []Finding { return v.ManifestFindings }
