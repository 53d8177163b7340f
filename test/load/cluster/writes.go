package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	networking "k8s.io/api/networking/v1"
)

// write is what is measured. All are dry runs, which go the whole way and leave
// nothing behind.
type write struct {
	rules int
	verb  verb
	// concurrency is how many are on their way at any time.
	concurrency int
}

type verb string

const (
	// create is of an object into which nothing has been injected.
	create verb = "create"
	// update is of an object that is as the contestant wants it: it is written
	// back as it was read.
	update verb = "update"
)

var writes = []write{
	{1, create, 1},
	{1, create, 16},
	{500, create, 1},
	{500, create, 16},
	{1, update, 1},
	{500, update, 1},
}

// String names the write as benchmarks do.
func (w write) String() string {
	return fmt.Sprintf("rules=%d/%s/c=%d", w.rules, w.verb, w.concurrency)
}

// requestFor is the write in a contestant's Namespace. The object that an update
// needs is stored there.
func (w write) requestFor(ctx context.Context, api apiServer, c contestant) (request, error) {
	object := ingress(w.rules)
	if w.verb == create {
		return creation(object, c.Name).dry(), nil
	}
	if !c.Injects {
		// Without an injection, the values are in the object that is written.
		_, byHoldfast, err := api.write(ctx, creation(object, holdfast).dry())
		if err != nil {
			return request{}, err
		}
		object.Annotations = byHoldfast.Annotations
	}
	answer, stored, err := api.write(ctx, creation(object, c.Name))
	return request{http.MethodPut, ingresses(c.Name) + "/" + stored.Name, answer}.dry(), err
}

func creation(object networking.Ingress, namespace string) request {
	body, err := json.Marshal(object)
	if err != nil {
		// The object is ours.
		panic(err)
	}
	return request{http.MethodPost, ingresses(namespace), body}
}

func ingresses(namespace string) string {
	return "/apis/networking.k8s.io/v1/namespaces/" + namespace + "/ingresses"
}

// dry is a request's dry run.
func (r request) dry() request {
	r.path += "?dryRun=All"
	return r
}

// write makes a request, and returns its answer also as the object that it is.
func (s apiServer) write(ctx context.Context, r request) (answer []byte, object networking.Ingress, err error) {
	answer, err = s.answer(ctx, r)
	if err == nil {
		err = json.Unmarshal(answer, &object)
	}
	return answer, object, err
}
