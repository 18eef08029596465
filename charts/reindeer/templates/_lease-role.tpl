{{- /* The right to one namespace's Leases, by name: "root", "namespace", "leases". */ -}}
{{- define "reindeer.leaseRole" -}}
{{- $name := printf "%s-leader" (include "reindeer.fullname" .root) }}
{{- if ne .namespace .root.Release.Namespace }}
{{- $name = printf "%s-%s" $name .root.Release.Namespace | trunc 63 | trimSuffix "-" }}
{{- end }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "reindeer.labels" .root | nindent 4 }}
rules:
  {{- range .root.Files.Get "files/rules-leases.yaml" | fromYamlArray }}
  {{- $rule := . }}
  {{- if not (has "create" .verbs) }}
  {{- $rule = merge (dict "resourceNames" $.leases) . }}
  {{- end }}
  {{- list $rule | toYaml | nindent 2 }}
  {{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "reindeer.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
subjects:
  {{- include "reindeer.subjects" .root | nindent 2 }}
{{- end }}
