package oracle

// Counts are how often each rule was checked and each exemption used, and how many
// requests were made.
type Counts struct {
	Scenarios, Requests, Refused int
	Checked, Exempted            map[string]int
	// Injected are the dialects whose annotations were seen injected.
	Injected map[string]int
}

// NewCounts returns counts of nothing.
func NewCounts() *Counts {
	return &Counts{Checked: map[string]int{}, Exempted: map[string]int{}, Injected: map[string]int{}}
}

// Add adds further counts.
func (c *Counts) Add(more *Counts) {
	c.Scenarios += more.Scenarios
	c.Requests += more.Requests
	c.Refused += more.Refused
	for to, from := range map[*map[string]int]map[string]int{&c.Checked: more.Checked, &c.Exempted: more.Exempted, &c.Injected: more.Injected} {
		for name, n := range from {
			(*to)[name] += n
		}
	}
}
