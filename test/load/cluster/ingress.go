package main

import (
	"fmt"

	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What everyone injects.
const (
	readTimeout    = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	sendTimeout    = "nginx.ingress.kubernetes.io/proxy-send-timeout"
	timeoutSeconds = "3600"
)

// ingress is a user's Ingress that ingress-nginx serves. Its backends are the
// Namespace's ten Services.
func ingress(rules int) networking.Ingress {
	object := networking.Ingress{
		TypeMeta: meta.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "Ingress"},
		ObjectMeta: meta.ObjectMeta{
			GenerateName: "chat-",
			Labels: map[string]string{
				"app.kubernetes.io/name":     "chat",
				"app.kubernetes.io/instance": "chat",
				"app.kubernetes.io/part-of":  "shop",
			},
			Annotations: map[string]string{
				"cert-manager.io/cluster-issuer":              "letsencrypt",
				"nginx.ingress.kubernetes.io/proxy-body-size": "8m",
			},
		},
		Spec: networking.IngressSpec{
			IngressClassName: new("nginx"),
			TLS:              []networking.IngressTLS{{Hosts: []string{"*.chat.example.com"}, SecretName: "chat-tls"}},
		},
	}
	for i := range rules {
		backend := networking.IngressBackend{Service: &networking.IngressServiceBackend{
			Name: fmt.Sprintf("chat-%d", i%10), Port: networking.ServiceBackendPort{Name: "ws"},
		}}
		object.Spec.Rules = append(object.Spec.Rules, networking.IngressRule{
			Host: fmt.Sprintf("tenant-%d.chat.example.com", i),
			IngressRuleValue: networking.IngressRuleValue{HTTP: &networking.HTTPIngressRuleValue{
				Paths: []networking.HTTPIngressPath{{Path: "/socket", PathType: new(networking.PathTypePrefix), Backend: backend}},
			}},
		})
	}
	return object
}

func injected(object networking.Ingress) bool {
	return object.Annotations[readTimeout] == timeoutSeconds && object.Annotations[sendTimeout] == timeoutSeconds
}
