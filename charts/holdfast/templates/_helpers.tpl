{{/* The names are fixed: the webhook configuration belongs to the whole cluster, so there is one release of it. */}}

{{- define "holdfast.selectorLabels" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "holdfast.ownLabels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{ include "holdfast.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The labels of an object. */}}
{{- define "holdfast.labels" -}}
{{- include "holdfast.labelsAnd" (dict "root" . "labels" dict) }}
{{- end }}

{{/* The labels of an object that has more of its own in the values. None replaces one of the chart's. */}}
{{- define "holdfast.labelsAnd" -}}
{{- $own := include "holdfast.ownLabels" .root }}
{{- $more := merge (dict) .labels .root.Values.commonLabels }}
{{- range $key, $value := $own | fromYaml }}{{ $more = omit $more $key }}{{ end }}
{{- $own }}
{{- with $more }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
The image. A registry replaces the one that the repository begins with: its first part,
if that has a dot or a port or is localhost.
*/}}
{{- define "holdfast.image" -}}
{{- $image := .Values.image }}
{{- if and $image.digest (contains "@" $image.tag) }}
{{- fail "image.tag has a digest already; leave image.digest empty" }}
{{- end }}
{{- $name := $image.repository }}
{{- with $image.registry }}
{{- $name = printf "%s/%s" . (regexReplaceAll "^([^/]*[.:][^/]*|localhost)/" $name "") }}
{{- end }}
{{- $tag := $image.tag | default (ternary "" .Chart.AppVersion (ne $image.digest "")) }}
{{- $name }}{{ with $tag }}:{{ . }}{{ end }}{{ with $image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* Not the selector's labels: the Service must not send calls to the pod of helm test. */}}
{{- define "holdfast.checkLabels" -}}
{{ omit (include "holdfast.labels" . | fromYaml) "app.kubernetes.io/name" | toYaml }}
app.kubernetes.io/name: holdfast-check
{{- end }}

{{/*
Two thirds of the memory limit, empty without one. The rest is for what Go's
garbage collector doesn't count: the program's own file, and what the kernel
holds of large reviews.
*/}}
{{- define "holdfast.goMemoryLimit" -}}
{{- with .Values.resources.limits }}{{ with .memory }}
{{- $number := atoi (regexFind "^[0-9]+" .) -}}
{{- $mebibytes := ternary (mul 1024 $number) $number (hasSuffix "Gi" .) -}}
{{- if lt $mebibytes 64 }}
{{- fail (printf "resources.limits.memory: %s must be at least 64Mi" .) }}
{{- end -}}
{{ div (mul 2 $mebibytes) 3 }}MiB
{{- end }}{{ end }}
{{- end }}

{{/* The values' env, with GOMEMLIMIT before it unless it is among them. */}}
{{- define "holdfast.env" -}}
{{- $env := .Values.env }}
{{- $names := list }}
{{- range $env }}{{ $names = append $names .name }}{{ end }}
{{- with include "holdfast.goMemoryLimit" . }}
{{- if not (has "GOMEMLIMIT" $names) }}
{{- $env = prepend $env (dict "name" "GOMEMLIMIT" "value" .) }}
{{- end }}
{{- end }}
{{- with $env }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{/*
Whether some controller's timeouts go onto the Services of its Ingresses: then
each Service has to call. Empty for no.
*/}}
{{- define "holdfast.serviceTimeouts" -}}
{{- range list .Values.policy.ingressClasses .Values.policy.controllers }}
{{- range . }}
{{- if eq "true" (toString (.options | default dict).serviceTimeouts) }}true{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A CEL expression that names the first of a list of keys, and how many more there are. */}}
{{- define "holdfast.firstKey" -}}
{{ . }}[0] + (size({{ . }}) == 1 ? '' : ' and ' + string(size({{ . }}) - 1) + ' more')
{{- end }}

{{/*
Whether the cluster has the kind ValidatingAdmissionPolicy. Empty for no. Without a
cluster helm knows no kinds, and each version that the chart allows has this one.
*/}}
{{- define "holdfast.hasValidatingAdmissionPolicy" -}}
{{- $kinds := .Capabilities.APIVersions }}
{{- $version := "admissionregistration.k8s.io/v1" }}
{{- if or (not ($kinds.Has (printf "%s/MutatingWebhookConfiguration" $version))) ($kinds.Has (printf "%s/ValidatingAdmissionPolicy" $version)) }}true{{ end }}
{{- end }}

{{/* The security contexts of pods and of containers, with what the values add. No runAsUser: the image's user is 65532, and a platform may assign another. */}}
{{- define "holdfast.podSecurityContext" -}}
{{- $context := dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault") }}
{{- mergeOverwrite $context .Values.podSecurityContext | toYaml }}
{{- end }}

{{- define "holdfast.securityContext" -}}
{{- $context := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL")) }}
{{- mergeOverwrite $context .Values.securityContext | toYaml }}
{{- end }}
