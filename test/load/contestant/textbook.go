package contestant

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/holdfast-dev/holdfast/webhook"
)

// textbook is a webhook as controller-runtime's documentation has it: the whole
// object is decoded, changed and encoded, and the patch is the difference. It
// has controller-runtime's metrics, as from a manager, and logs nothing.
func textbook() (map[string]http.Handler, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	if err := networkingv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	// Without one it complains at the first review.
	log.SetLogger(logr.Discard())
	decoder := admission.NewDecoder(scheme)
	handlers := make(map[string]http.Handler)
	for path, mutate := range map[string]admission.HandlerFunc{
		webhook.IngressPath: mutating(decoder, setTimeouts),
		webhook.ServicePath: mutating(decoder, setAffinity),
	} {
		handler, err := admission.StandaloneWebhook(&admission.Webhook{Handler: mutate},
			admission.StandaloneOptions{Logger: logr.Discard(), MetricsPath: path})
		if err != nil {
			return nil, err
		}
		handlers[path] = handler
	}
	return handlers, nil
}

// mutating makes a handler of a function that changes an object.
func mutating[T any, P interface {
	*T
	client.Object
}](decoder admission.Decoder, change func(P)) admission.HandlerFunc {
	return func(_ context.Context, r admission.Request) admission.Response {
		object := P(new(T))
		if err := decoder.Decode(r, object); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
		change(object)
		changed, err := json.Marshal(object)
		if err != nil {
			return admission.Errored(http.StatusInternalServerError, err)
		}
		return admission.PatchResponseFromRaw(r.Object.Raw, changed)
	}
}

func setTimeouts(ingress *networkingv1.Ingress) {
	if ingress.Annotations == nil {
		ingress.Annotations = make(map[string]string)
	}
	ingress.Annotations[readTimeout] = timeoutSeconds
	ingress.Annotations[sendTimeout] = timeoutSeconds
}

func setAffinity(service *corev1.Service) {
	seconds := int32(affinitySeconds)
	service.Spec.SessionAffinity = corev1.ServiceAffinityClientIP
	service.Spec.SessionAffinityConfig = &corev1.SessionAffinityConfig{
		ClientIP: &corev1.ClientIPConfig{TimeoutSeconds: &seconds},
	}
}
