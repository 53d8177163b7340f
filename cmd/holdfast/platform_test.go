package main

import (
	"fmt"
	"strings"
)

// stream returns a stream of documents.
func stream(documents int, document func(int) string) string {
	var out strings.Builder
	for i := range documents {
		out.WriteString("---\n" + document(i))
	}
	return out.String()
}

// platformDocument returns one document of the output of helm template for many apps.
// Each app has ten documents, one of them an Ingress. Every fourth Ingress was
// injected before.
func platformDocument(i int) string {
	app := i / len(appDocuments)
	document := appDocuments[i%len(appDocuments)](app)
	return fmt.Sprintf("# Source: platform/charts/app-%d/templates/%d.yaml\n%s", app, i%len(appDocuments), document)
}

var appDocuments = [...]func(app int) string{
	func(app int) string {
		return head("v1", "ServiceAccount", app) + "automountServiceAccountToken: false\n"
	},
	func(app int) string { return head("v1", "ConfigMap", app) + settings },
	func(app int) string {
		return head("v1", "ConfigMap", app) + "data:\n  LOG_LEVEL: info\n  CACHE_TTL: \"300\"\n"
	},
	func(app int) string { return head("v1", "Service", app) + servicePorts },
	func(app int) string { return head("apps/v1", "Deployment", app) + podTemplate },
	func(app int) string { return head("apps/v1", "Deployment", app) + podTemplate },
	platformIngress,
	func(app int) string { return head("rbac.authorization.k8s.io/v1", "RoleBinding", app) + roleSubjects },
	func(app int) string { return head("autoscaling/v2", "HorizontalPodAutoscaler", app) + scaling },
	func(app int) string {
		return head("policy/v1", "PodDisruptionBudget", app) + "spec:\n  minAvailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: app\n"
	},
}

func head(apiVersion, kind string, app int) string {
	return fmt.Sprintf(`apiVersion: %s
kind: %s
metadata:
  name: app-%d
  namespace: team-%d
  labels:
    helm.sh/chart: app-1.4.2
    app.kubernetes.io/name: app
    app.kubernetes.io/instance: app-%d
    app.kubernetes.io/version: "2.0.1"
    app.kubernetes.io/managed-by: Helm
`, apiVersion, kind, app, app%50, app)
}

func platformIngress(app int) string {
	if app%4 == 0 {
		return injectedHead(app) + ingressRules(app)
	}
	return ingressDocument(app)
}

func ingressDocument(app int) string {
	return head("networking.k8s.io/v1", "Ingress", app) + "  annotations:\n    cert-manager.io/cluster-issuer: letsencrypt\n" + ingressRules(app)
}

// injectedHead returns the metadata of an Ingress that was injected with the built-in
// policy.
func injectedHead(app int) string {
	return head("networking.k8s.io/v1", "Ingress", app) + `  annotations:
    cert-manager.io/cluster-issuer: letsencrypt
    nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"
    nginx.ingress.kubernetes.io/proxy-send-timeout: "3600"
    holdfast.dev/injected: '{"nginx.ingress.kubernetes.io/proxy-read-timeout":"3600","nginx.ingress.kubernetes.io/proxy-send-timeout":"3600"}'
`
}

func ingressRules(app int) string {
	return fmt.Sprintf(`spec:
  ingressClassName: nginx
  tls:
    - hosts:
        - app-%[1]d.example.com
      secretName: app-%[1]d-tls
  rules:
    - host: app-%[1]d.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: app-%[1]d
                port:
                  name: http
          - path: /socket
            pathType: Prefix
            backend:
              service:
                name: app-%[1]d
                port:
                  number: 8080
`, app)
}

const servicePorts = `spec:
  type: ClusterIP
  ports:
    - port: 80
      targetPort: http
      protocol: TCP
      name: http
    - port: 9090
      targetPort: metrics
      protocol: TCP
      name: metrics
  selector:
    app.kubernetes.io/name: app
    app.kubernetes.io/instance: app
`

const podTemplate = `spec:
  replicas: 3
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      app.kubernetes.io/name: app
      app.kubernetes.io/instance: app
  template:
    metadata:
      annotations:
        checksum/config: 5f1d0d5c0c6c3f7c8a2b6e2d8f0a4c9b7e6d5c4b3a291807f6e5d4c3b2a19080
      labels:
        app.kubernetes.io/name: app
        app.kubernetes.io/instance: app
    spec:
      serviceAccountName: app
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
      containers:
        - name: app
          image: "registry.example.com/platform/app:2.0.1"
          imagePullPolicy: IfNotPresent
          args: ["--listen=:8080", "--metrics=:9090"]
          ports:
            - name: http
              containerPort: 8080
              protocol: TCP
            - name: metrics
              containerPort: 9090
              protocol: TCP
          envFrom:
            - configMapRef:
                name: app
          env:
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: app-database
                  key: url
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
            initialDelaySeconds: 10
            periodSeconds: 10
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
          resources:
            limits:
              memory: 512Mi
            requests:
              cpu: 100m
              memory: 256Mi
          volumeMounts:
            - name: config
              mountPath: /etc/app
              readOnly: true
      volumes:
        - name: config
          configMap:
            name: app
`

const settings = `data:
  app.conf: |
    # What the app reads when it starts.
    [server]
    listen = :8080
    read_timeout = 30s
    write_timeout = 30s

    [database]
    host = postgres.databases.svc.cluster.local
    port = 5432
    pool = 20

    [cache]
    hosts = redis-0.redis:6379,redis-1.redis:6379,redis-2.redis:6379
    ttl = 300s

    [log]
    level = info
    format = json
  features.json: |
    {"checkout": true, "recommendations": {"enabled": true, "model": "v3"}, "search": {"index": "products", "boost": 1.5}}
`

const roleSubjects = `roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: app
subjects:
  - kind: ServiceAccount
    name: app
    namespace: team
`

const scaling = `spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: app
  minReplicas: 3
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 80
`
