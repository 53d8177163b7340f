package dialect

// table is every dialect that Holdfast speaks. Nothing writes to it.
var table = [...]*Dialect{
	&ingressNginx,
}

// All lists every dialect that Holdfast speaks.
func All() []*Dialect { return table[:] }

// ByName finds the dialect that a policy names; nil where there is none.
func ByName(name string) *Dialect {
	for _, d := range table {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// ForController finds the dialect behind an IngressClass's spec.controller;
// nil where none is known.
func ForController(controller string) *Dialect {
	for _, d := range table {
		for _, c := range d.Controllers {
			if c == controller {
				return d
			}
		}
	}
	return nil
}

// ForClass finds the dialect that usually has a class name; nil where none has.
func ForClass(name string) *Dialect {
	for _, d := range table {
		for _, c := range d.Classes {
			if c == name {
				return d
			}
		}
	}
	return nil
}

// Owner finds the spelling that the annotation belongs to on that kind of
// object. Holdfast takes nothing back that none owns.
func Owner(key string, on Kind) (Spelling, bool) {
	for _, d := range table {
		for _, sp := range d.Spellings {
			if sp.On == on && sp.Key == key {
				return sp, true
			}
		}
	}
	return Spelling{}, false
}

// ReadFrom tells whether any dialect reads the setting from that kind of
// object.
func ReadFrom(s Setting, on Kind) bool {
	for _, d := range table {
		if _, ok := d.Spelling(s, on); ok {
			return true
		}
	}
	return false
}

// Names lists the dialects as a policy may name them.
func Names() []string {
	var names []string
	for _, d := range table {
		names = append(names, d.Name)
	}
	return names
}
