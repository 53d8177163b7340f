{{/*
What is wrong with the value "policy" beyond what its schema says, with the sentences of
`holdfast policy validate`: a JSON list of sentences. The pods would refuse such a
policy, and a rollout would find out too late.
*/}}
{{- define "holdfast.policyFaults" -}}
{{- $known := .Files.Get "files/policy.yaml" | fromYaml }}
{{- $faults := list }}
{{- range $known.timeouts }}
{{- $values := $.Values.policy }}
{{- range splitList "." .path }}{{ $values = get $values . | default dict }}{{ end }}
{{- $faults = include "holdfast.timeoutFaults" (dict "field" . "values" $values) | fromJsonArray | concat $faults }}
{{- end }}
{{- with ((.Values.policy.stickySessions | default dict).cookie | default dict).maxAge }}
{{- with include "holdfast.durationFault" . }}
{{- $faults = append $faults (printf "stickySessions.cookie.maxAge: %s" .) }}
{{- end }}
{{- end }}
{{- range $place := list "ingressClasses" "controllers" }}
{{- range $name, $override := get $.Values.policy $place | default dict }}
{{- $dialect := get $known.options $override.dialect }}
{{- range $option, $_ := $override.options }}
{{- if not (has $option $dialect.names) }}
{{- $faults = append $faults (printf "%s.%s.%s" $place $name ($dialect.unknown | replace "OPTION" $option)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $faults | uniq | toJson }}
{{- end }}

{{/* What is wrong with a default, a minimum and a maximum: a JSON list of sentences. */}}
{{- define "holdfast.timeoutFaults" -}}
{{- $path := .field.path }}
{{- $limits := .field }}
{{- $faults := list }}
{{- $durations := dict }}
{{- $readable := true }}
{{- range $name, $text := merge (dict) .values (pick .field "default") }}
{{- $duration := include "holdfast.duration" $text | int64 }}
{{- $_ := set $durations $name $duration }}
{{- $fault := include "holdfast.durationFault" $text }}
{{- if $fault }}
{{- $faults = append $faults (printf "%s.%s: %s" $path $name $fault) }}
{{- $readable = false }}
{{- else if or (lt $duration (include "holdfast.duration" $limits.shortest | int64)) (gt $duration (include "holdfast.duration" $limits.longest | int64)) }}
{{- $faults = append $faults (printf "%s.%s: %s %s" $path $name (include "holdfast.durationText" $duration) $limits.problem) }}
{{- end }}
{{- end }}
{{- $default := get $durations "default" | default 0 }}
{{- $minimum := get $durations "minimum" | default 0 }}
{{- $maximum := get $durations "maximum" | default 0 }}
{{- $from := include "holdfast.durationText" $minimum }}
{{- $to := include "holdfast.durationText" $maximum }}
{{- if not $readable }}
{{- else if and $minimum $maximum (gt $minimum $maximum) }}
{{- $faults = append $faults (printf "%s: minimum %s must not be above maximum %s" $path $from $to) }}
{{- else if and $default (or (lt $default $minimum) (and $maximum (gt $default $maximum))) }}
{{- $range := printf "%s to %s" $from $to }}
{{- if not $minimum }}{{ $range = printf "at most %s" $to }}{{ else if not $maximum }}{{ $range = printf "at least %s" $from }}{{ end }}
{{- $faults = append $faults (printf "%s: default %s must be %s" $path (include "holdfast.durationText" $default) $range) }}
{{- end }}
{{- toJson $faults }}
{{- end }}

{{/* What is wrong with a duration that has the schema's form, as the rest of a sentence. Empty for nothing. */}}
{{- define "holdfast.durationFault" -}}
{{- if not (regexMatch "[1-9]" .) }}
{{- printf "%q must be longer than zero" . }}
{{- else if eq "0" (include "holdfast.duration" .) }}
{{- printf "%q must be a duration: \"1h\", \"90m\", or \"3600\" for seconds" . }}
{{- end }}
{{- end }}

{{/*
A duration in nanoseconds; 0 if it is longer than Go's longest one. Templates have no
function for it, but can move a date by a duration.
*/}}
{{- define "holdfast.duration" -}}
{{- $text := ternary (printf "%ss" .) . (regexMatch "^[0-9]+$" .) }}
{{- $date := toDate "2006-01-02" "2000-01-01" }}
{{- ((dateModify $text $date).Sub $date).Nanoseconds }}
{{- end }}

{{/* Nanoseconds as a duration of hours, minutes and seconds, such as 1h30m. Empty for 0. */}}
{{- define "holdfast.durationText" -}}
{{- $date := toDate "2006-01-02" "2000-01-01" }}
{{- $text := toString ((dateModify (printf "%dns" (int64 .)) $date).Sub $date) }}
{{- if hasSuffix "m0s" $text }}{{ $text = trimSuffix "0s" $text }}{{ end }}
{{- if hasSuffix "h0m" $text }}{{ $text = trimSuffix "0m" $text }}{{ end }}
{{- if ne $text "0s" }}{{ $text }}{{ end }}
{{- end }}
