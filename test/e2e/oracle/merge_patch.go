package oracle

import "encoding/json"

// difference returns the merge patch that makes one object of another.
func difference(from, to map[string]any) map[string]any {
	patch := map[string]any{}
	for key := range from {
		if _, kept := to[key]; !kept {
			patch[key] = nil
		}
	}
	for key, wanted := range to {
		had, there := from[key]
		inner, isMap := wanted.(map[string]any)
		before, wasMap := had.(map[string]any)
		switch {
		case there && isMap && wasMap:
			if deeper := difference(before, inner); len(deeper) > 0 {
				patch[key] = deeper
			}
		case !there || !equal(had, wanted):
			patch[key] = wanted
		}
	}
	return patch
}

// merge applies a merge patch.
func merge(into, patch map[string]any) {
	for key, value := range patch {
		deeper, isMap := value.(map[string]any)
		switch inner, hasMap := into[key].(map[string]any); {
		case value == nil:
			delete(into, key)
		case isMap && hasMap:
			merge(inner, deeper)
		case isMap:
			fresh := map[string]any{}
			merge(fresh, deeper)
			into[key] = fresh
		default:
			into[key] = value
		}
	}
}

// equal reports whether two values are the same JSON.
func equal(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
