package dialect

import (
	"slices"
	"strings"
)

// table is every dialect that Holdfast speaks. Nothing writes to it. Where two
// have a class name or a key in common, the first one is meant.
var table = [...]*Dialect{
	&ingressNginx,
	&traefikNginx,
	&traefik,
	&nginxInc,
	&haproxyTech,
	&haproxyIngress,
	&awsALB,
	&kong,
	&contour,
	&apisix,
	&azureAGIC,
	&gke,
	&cilium,
	&higress,
	&skipper,
	&istio,
}

// All lists every dialect that Holdfast speaks.
func All() []*Dialect { return table[:] }

// ByName finds the dialect that a policy names; nil where there is none.
func ByName(name string) *Dialect {
	return first(func(d *Dialect) bool { return d.Name == name })
}

// ForController finds the dialect behind an IngressClass's spec.controller;
// nil where none is known.
func ForController(controller string) *Dialect {
	return first(func(d *Dialect) bool { return d.Class.controls(controller) })
}

// ForClass finds the dialect that usually has a class name; nil where none has.
func ForClass(name string) *Dialect {
	return first(func(d *Dialect) bool { return slices.Contains(d.Class.Names, name) })
}

// ForLegacyValue finds the dialect that is meant by a value of LegacyClass that
// is no class's name; nil where none is.
func ForLegacyValue(value string) *Dialect {
	return first(func(d *Dialect) bool { return slices.Contains(d.Class.LegacyValues, value) })
}

// SharingClass lists the dialects that usually have a class name.
func SharingClass(name string) []*Dialect {
	var all []*Dialect
	for _, d := range table {
		if slices.Contains(d.Class.Names, name) {
			all = append(all, d)
		}
	}
	return all
}

func first(is func(*Dialect) bool) *Dialect {
	for _, d := range table {
		if is(d) {
			return d
		}
	}
	return nil
}

// memberMark stands between an annotation's key and a member's name in the key
// of a packed value's member. No annotation's key has one.
const memberMark = "#"

// computed is the member's name in the key of a computed list.
const computed = "*"

// MemberKey is the key of a packed value's member, as records write it.
func MemberKey(annotation, member string) string { return annotation + memberMark + member }

// ListKey is the key of the part of a computed list that Holdfast added, as
// records write it.
func ListKey(annotation string) string { return MemberKey(annotation, computed) }

// SplitKey cuts a member's key in two; packed is false for the key of a whole
// annotation.
func SplitKey(key string) (annotation, member string, packed bool) {
	return strings.Cut(key, memberMark)
}

// byKey are the spellings of all dialects by the annotations that they read, in
// the order of the table. Nothing writes to it.
var byKey = indexed(table[:])

func indexed(dialects []*Dialect) map[string][]*Spelling {
	index := make(map[string][]*Spelling)
	for _, d := range dialects {
		for _, sp := range d.Spellings {
			for _, key := range append([]string{sp.Key}, sp.Aliases...) {
				index[key] = append(index[key], sp)
			}
		}
	}
	return index
}

// Known tells whether any dialect reads an annotation, on whichever kind.
func Known(annotation string) bool { return len(byKey[annotation]) > 0 }

// Owner finds the spelling that a key belongs to on that kind of object: an
// annotation, or a packed value's member. All of a packed value belongs to its
// first spelling, for corrections. Holdfast takes nothing back that none owns.
//
// A key that an installation reads under a prefix of its own is known by its
// name, as nothing but a policy tells the prefix.
func Owner(key string, on Kind) (*Spelling, bool) {
	annotation, member, packed := SplitKey(key)
	owns := func(sp *Spelling) bool { return sp.On == on && (!packed || sp.ownsMember(member)) }
	for _, sp := range byKey[annotation] {
		if owns(sp) {
			return sp, true
		}
	}
	_, name, _ := strings.Cut(annotation, "/")
	for _, d := range table {
		if !d.takesPrefix() {
			continue
		}
		for _, sp := range d.Spellings {
			if _, own, _ := strings.Cut(sp.Key, "/"); own == name && owns(sp) {
				return sp, true
			}
		}
	}
	return nobodys, false
}

// nobodys is the spelling of a key that no dialect reads.
var nobodys = new(Spelling)

// ownsMember tells whether a member of a packed value may be this spelling's.
func (sp *Spelling) ownsMember(member string) bool {
	switch {
	case sp.Packing == nil:
		return false
	case sp.IsList():
		return member == computed
	case sp.Each != "":
		return member != "" && member != computed
	default:
		return member == sp.Member
	}
}

// IsList tells whether the value is a list of names that is computed.
func (sp *Spelling) IsList() bool {
	_, list := sp.Packing.(List)
	return list && sp.Each != ""
}

// ReadFrom tells whether any dialect reads the setting from that kind of
// object.
func ReadFrom(s Setting, on Kind) bool {
	return slices.ContainsFunc(table[:], func(d *Dialect) bool {
		return slices.ContainsFunc(d.Spellings, func(sp *Spelling) bool {
			return sp.On == on && !sp.Understood && (sp.Setting == s || slices.Contains(sp.Setting.Timers(), s))
		})
	})
}

// Names lists the dialects as a policy may name them.
func Names() []string {
	names := make([]string, len(table))
	for i, d := range table {
		names[i] = d.Name
	}
	return names
}
