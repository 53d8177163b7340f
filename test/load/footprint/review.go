package main

import (
	"encoding/json"
	"errors"
	"fmt"

	admission "k8s.io/api/admission/v1"
	networking "k8s.io/api/networking/v1"

	"github.com/holdfast-dev/holdfast/test/load/reviews"
	"github.com/holdfast-dev/holdfast/webhook"
)

// enlarged is a captured update of an Ingress, with so many rules more in the
// object and in its old one that the review is almost of a size.
func enlarged(size int) ([]byte, error) {
	captured, err := reviews.Review{Path: webhook.IngressPath, Size: 1000, Write: reviews.Update}.Body()
	if err != nil {
		return nil, err
	}
	var review admission.AdmissionReview
	if err := json.Unmarshal(captured, &review); err != nil {
		return nil, err
	}
	var now, old networking.Ingress
	if err := errors.Join(json.Unmarshal(review.Request.Object.Raw, &now), json.Unmarshal(review.Request.OldObject.Raw, &old)); err != nil {
		return nil, err
	}
	rule := now.Spec.Rules[0]
	rule.Host = host(0)
	one, err := json.Marshal(rule)
	if err != nil {
		return nil, err
	}
	// Each rule stands in both objects, with a comma.
	for i := range (size - len(captured)) / (2 * (len(one) + 1)) {
		rule.Host = host(i)
		now.Spec.Rules = append(now.Spec.Rules, rule)
	}
	old.Spec.Rules = now.Spec.Rules
	if review.Request.Object.Raw, err = json.Marshal(now); err != nil {
		return nil, err
	}
	if review.Request.OldObject.Raw, err = json.Marshal(old); err != nil {
		return nil, err
	}
	return json.Marshal(review)
}

// host is as long for every rule.
func host(i int) string { return fmt.Sprintf("more-%06d.chat.example.com", i) }
