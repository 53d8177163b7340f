package oracle

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Failure is a rule that doesn't hold.
type Failure struct {
	Rule     string
	Scenario Scenario
	// Step is the index of the step, and Again says that it was being repeated.
	Step  int
	Again bool
	Problem
	// Equal says that the user wrote the value at the problem's place himself when the
	// same one was injected.
	Equal bool
	Pair  Pair
}

// String returns what failed, with all that is needed to see it again by hand.
func (f *Failure) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: this doesn't hold.\n", f.Rule)
	if f.Place != "" {
		text.WriteString(f.Place + " ")
	}
	fmt.Fprintf(&text, "%s\nAfter step %d", f.Text, f.Step+1)
	if f.Again {
		text.WriteString(", made again or read back,")
	}
	fmt.Fprintf(&text, " of these:\n%s", f.Scenario)
	fmt.Fprintf(&text, "# stored without Holdfast:\n%s# stored with it:\n%s", shown(stored(f.Pair.Without)), shown(stored(f.Pair.With)))
	return text.String()
}

// stored returns an object without what nobody reads.
func stored(u *unstructured.Unstructured) *unstructured.Unstructured {
	if u == nil {
		return nil
	}
	u = u.DeepCopy()
	u.SetManagedFields(nil)
	return u
}
