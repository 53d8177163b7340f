package html_test

import (
	"fmt"
	"strings"
)

// namespaces are those of the cluster. The last two lack the label.
var namespaces = []string{"chat", "collab-editor", "games-lobby", "live-sports", "payments", "shop", "internal-tools", "legacy"}

// classes are the IngressClasses by name.
var classes = [][2]string{
	{"nginx", "k8s.io/ingress-nginx"}, {"traefik", "traefik.io/ingress-controller"}, {"haproxy", "haproxy.org/ingress-controller/haproxy"},
	{"alb", "ingress.k8s.aws/alb"}, {"azure-application-gateway", "azure/application-gateway"}, {"contour", "projectcontour.io/ingress-controller"}, {"kong", "ingress-controllers.konghq.com/kong"},
}

const (
	read = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	send = "nginx.ingress.kubernetes.io/proxy-send-timeout"
)

// application is an Ingress with its Service and its Deployment.
type application struct {
	name, class         string
	labels, annotations string
	sticky              bool
	replicas, grace     int
	probe               string
}

// applications are what each namespace has some of: right ones, and ordinary mistakes.
var applications = []application{
	{name: "web", class: "nginx", annotations: read + `: "3600", ` + send + `: "3600"`, replicas: 3, grace: 3600, probe: "tcpSocket: {port: 8080}"},
	{name: "socket", class: "nginx", replicas: 3, grace: 3600, probe: "tcpSocket: {port: 8080}"},
	{name: "events", class: "nginx", annotations: read + `: "3600s"`, replicas: 2, grace: 30, probe: "tcpSocket: {port: 8080}"},
	{name: "feed", class: "nginx", annotations: read + `: "-1"`, replicas: 2, grace: 3600},
	{name: "desk", class: "nginx", annotations: `holdfast.dev/idle-timeout: "8h"`, replicas: 2, grace: 28800, probe: "tcpSocket: {port: 8080}"},
	{name: "quotes", class: "azure-application-gateway", replicas: 2, grace: 3600, probe: "tcpSocket: {port: 8080}"},
	{name: "presence", class: "alb", sticky: true, replicas: 1, grace: 3600, probe: "tcpSocket: {port: 8080}"},
	{name: "push", class: "contour", sticky: true, replicas: 2, grace: 3600, probe: "tcpSocket: {port: 8080}"},
	{name: "gateway", class: "haproxy", annotations: `haproxy.org/timeout-tunnel: "10m"`, replicas: 4, grace: 3600, probe: "tcpSocket: {port: 8080}"},
	{
		name: "docs", class: "nginx", labels: "holdfast.dev/policy: ignore", replicas: 2, grace: 3600, probe: "tcpSocket: {port: 8080}",
		annotations: `accept.holdfast.dev/opted-out: "Static pages, no WebSockets. until=2099-03-01"`,
	},
	{name: "admin", class: "traefik", replicas: 0, grace: 3600, probe: "tcpSocket: {port: 8080}"},
}

// manifests returns those of a cluster with its namespaces in so many copies.
func manifests(copies int) string {
	documents := []string{`{apiVersion: apps/v1, kind: Deployment, metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}, spec: {selector: {matchLabels: {app: n}}, template: {metadata: {labels: {app: n}},
  spec: {containers: [{name: controller, image: registry.k8s.io/ingress-nginx/controller:v1.12.0, args: [/nginx-ingress-controller, --configmap=ingress-nginx/nginx]}]}}}}`,
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: nginx, namespace: ingress-nginx}, data: {worker-shutdown-timeout: 60s}}`,
		`{apiVersion: apps/v1, kind: Deployment, metadata: {name: contour, namespace: projectcontour}, spec: {selector: {matchLabels: {app: c}}, template: {metadata: {labels: {app: c}},
  spec: {containers: [{name: contour, image: ghcr.io/projectcontour/contour:v1.33.0, args: [serve, --config-path=/config/contour.yaml]}]}}}}`,
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: contour, namespace: projectcontour}, data: {contour.yaml: "disablePermitInsecure: false"}}`}
	for _, class := range classes {
		documents = append(documents, fmt.Sprintf("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: %s}, spec: {controller: %s}}", class[0], class[1]))
	}
	for i := range copies * len(namespaces) {
		namespace, labels := namespaces[i%len(namespaces)], "holdfast.dev/policy: enforce"
		if i%len(namespaces) >= len(namespaces)-2 {
			labels = ""
		}
		if copies > 1 {
			namespace += fmt.Sprintf("-%d", i/len(namespaces))
		}
		documents = append(documents, fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}", namespace, labels))
		for j, a := range applications {
			if (3*i+5*j)%7 < 3 {
				documents = append(documents, a.in(namespace))
			}
		}
	}
	return strings.Join(documents, "\n---\n")
}

// in returns the manifests of an application in a namespace.
func (a application) in(namespace string) string {
	sticky := ""
	if a.sticky {
		sticky = `holdfast.dev/sticky-session: "true"`
	}
	probe := ""
	if a.probe != "" {
		probe = "readinessProbe: {" + a.probe + "}, "
	}
	return fmt.Sprintf(`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: %[1]s, namespace: %[2]s, labels: {%[3]s}, annotations: {%[4]s}}, spec: {ingressClassName: %[5]s, tls: [{hosts: [%[1]s.example.com]}],
  rules: [{host: %[1]s.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %[1]s, port: {number: 80}}}}]}}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: %[1]s, namespace: %[2]s, labels: {%[6]s}}, spec: {selector: {app: %[1]s}, ports: [{port: 80, targetPort: 8080}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: %[1]s, namespace: %[2]s}, spec: {replicas: %[7]d, selector: {matchLabels: {app: %[1]s}}, template: {metadata: {labels: {app: %[1]s}},
  spec: {terminationGracePeriodSeconds: %[8]d, containers: [{name: app, image: example.com/app, %[9]sports: [{containerPort: 8080}]}]}}}}`,
		a.name, namespace, a.labels, a.annotations, a.class, sticky, a.replicas, a.grace, probe)
}
