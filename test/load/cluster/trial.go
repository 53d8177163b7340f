package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// trial is a contestant's share of a write: the same request again and again.
type trial struct {
	contestant
	write   write
	request request
}

// prepare makes the trials of a write, and returns when all are seen to do what
// they should.
func prepare(ctx context.Context, api apiServer, w write) ([]trial, error) {
	var trials []trial
	for _, c := range contestants {
		r, err := w.requestFor(ctx, api, c)
		if err != nil {
			return nil, fmt.Errorf("preparing %s of %s: %w", w, c.Name, err)
		}
		t := trial{c, w, r}
		if err := t.await(ctx, api); err != nil {
			return nil, fmt.Errorf("trying %s of %s: %w", w, c.Name, err)
		}
		trials = append(trials, t)
	}
	return trials, nil
}

// await tries until everything is as it should be: what was installed takes a
// moment to be in force.
func (t trial) await(ctx context.Context, api apiServer) error {
	var problem error
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Second) {
		if problem = t.try(ctx, api); problem == nil {
			return nil
		}
	}
	return errors.Join(ctx.Err(), problem)
}

// try makes the request once, and returns what is wrong with the answer or with
// the calls that the API server made for it.
func (t trial) try(ctx context.Context, api apiServer) error {
	before, err := api.metrics(ctx)
	if err != nil {
		return err
	}
	if err := t.checkAnswer(ctx, api); err != nil {
		return err
	}
	after, err := api.metrics(ctx)
	if err != nil {
		return err
	}
	for _, c := range contestants {
		writes := 0
		if c.Name == t.Name {
			writes = 1
		}
		if err := c.checkCalls(after.counted(c.Counted).since(before.counted(c.Counted)), writes); err != nil {
			return err
		}
	}
	return nil
}

func (t trial) checkAnswer(ctx context.Context, api apiServer) error {
	answer, object, err := api.write(ctx, t.request)
	switch {
	case err != nil:
		return err
	case injected(object) != (t.Injects || t.write.verb == update):
		return fmt.Errorf("the object's annotations are %v", object.Annotations)
	case t.write.verb == update && !bytes.Equal(answer, t.request.body):
		return fmt.Errorf("what changes nothing changed the object: %s", answer)
	}
	return nil
}

// checkCalls compares the calls of a contestant with the writes that it had to be
// called for. One that has been left out would be fast.
func (c contestant) checkCalls(called counted, writes int) error {
	if c.Counted == (histogram{}) || called.calls == writes {
		return nil
	}
	return fmt.Errorf("of %d writes, %s was called for %d", writes, c.Name, called.calls)
}
