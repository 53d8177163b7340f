package local

import "time"

// Await calls a condition, with a pause after each call, until it returns nil. If it doesn't
// within a limit, Await returns its last error.
func Await(limit, pause time.Duration, condition func() error) error {
	var problem error
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(pause) {
		if problem = condition(); problem == nil {
			return nil
		}
	}
	return problem
}
