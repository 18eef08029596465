{{- define "reindeer.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* 47 characters: what is made of it ("-" and a pod's suffix) must still be a valid name. */ -}}
{{- define "reindeer.fullname" -}}
{{- $name := include "reindeer.name" . }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $full .Values.fullnameOverride | trunc 47 | trimSuffix "-" }}
{{- end }}

{{- define "reindeer.selectorLabels" -}}
app.kubernetes.io/name: {{ include "reindeer.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "reindeer.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "reindeer.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "reindeer.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "reindeer.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed with serviceAccount.create: false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "reindeer.image" -}}
{{- $image := .Values.image }}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default .Chart.AppVersion $image.tag }}
{{- end }}
{{- end }}

{{- /* The operator's account, as every binding names it. */ -}}
{{- define "reindeer.subjects" -}}
- kind: ServiceAccount
  name: {{ include "reindeer.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
