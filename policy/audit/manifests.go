package audit

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const msgInvalidManifest policy.Message = `{detail}`

// AddFaults adds why an API server would refuse an object that the engine evaluates.
func (s *Snapshot) AddFaults(o *policy.Object, faults []*manifest.Fault) {
	for _, f := range faults {
		s.AddFault(ObjectOf(o), f)
	}
}

// AddFault adds why an API server would refuse an object.
func (s *Snapshot) AddFault(o Object, f *manifest.Fault) {
	added := s.addInvalid(o, policy.ParsePath(f.Field), f.Position, f.Message)
	if f.Unquoted != "" {
		added.Command = fixFile(f.Position.File)
	}
}

// AddSyntaxError adds why a document can't be parsed.
func (s *Snapshot) AddSyntaxError(err *manifest.SyntaxError) {
	s.addInvalid(Object{}, policy.FieldTarget("/document"), err.Position, err.Message)
}

// addInvalid adds what is wrong with an object, or with the file if the object has no name.
func (s *Snapshot) addInvalid(o Object, t policy.Target, at manifest.Position, message string) *Finding {
	if o.Name == "" {
		o = Object{Kind: "File", Name: at.File}
	}
	f := policy.Finding{Rule: policy.RuleInvalidManifest, Actor: policy.Author, Message: msgInvalidManifest, Target: t, Detail: message}
	s.Invalid = append(s.Invalid, Finding{Finding: f, Object: o, Position: at})
	return &s.Invalid[len(s.Invalid)-1]
}

// invalidManifests returns what an API server would refuse of the manifests.
func invalidManifests(v *view) []Finding { return v.Invalid }
