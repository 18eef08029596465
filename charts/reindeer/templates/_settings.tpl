{{- /* The operator's settings as src/runtime/config.ts reads them: name to text. */ -}}
{{- define "reindeer.settings" -}}
REINDEER_INSTALLATION: {{ include "reindeer.fullname" . | quote }}
{{- if not .Values.watch.namespaces }}
REINDEER_CLUSTER_LEASE_NAMESPACE: {{ .Values.watch.leaseNamespace | quote }}
{{- end }}
REINDEER_NAMESPACES: {{ join "," .Values.watch.namespaces | quote }}
REINDEER_IMAGE: {{ default (include "reindeer.image" .) .Values.worker.image | quote }}
REINDEER_ALLOWED_GIT_HOSTS: {{ join "," .Values.git.allowedHosts | quote }}
REINDEER_ALIAS_LOOK_SECONDS: {{ .Values.aliasLookSeconds | quote }}
REINDEER_LOG_LEVEL: {{ .Values.logLevel | quote }}
REINDEER_LIGHT_POD: {{ include "reindeer.jobPod" .Values.worker.light | quote }}
REINDEER_HEAVY_POD: {{ include "reindeer.jobPod" .Values.worker.heavy | quote }}
REINDEER_WORKER_PODS: {{ dict "labels" .Values.worker.podLabels "annotations" .Values.worker.podAnnotations "imagePullSecrets" .Values.worker.imagePullSecrets "securityContext" .Values.worker.podSecurityContext "env" .Values.extraEnv "hostAliases" .Values.hostAliases | toJson | quote }}
{{- end }}

{{- /* One kind of Job, without what is not said. */ -}}
{{- define "reindeer.jobPod" -}}
{{- $pod := dict "resources" .resources }}
{{- with .nodeSelector }}{{ $_ := set $pod "nodeSelector" . }}{{ end }}
{{- with .tolerations }}{{ $_ := set $pod "tolerations" . }}{{ end }}
{{- with .priorityClassName }}{{ $_ := set $pod "priorityClassName" . }}{{ end }}
{{- toJson $pod }}
{{- end }}

{{- /* The proxy as programs look for it; the operator hands it to its Jobs. */ -}}
{{- define "reindeer.proxy" -}}
{{- with .Values.proxy.https }}
HTTPS_PROXY: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.http }}
HTTP_PROXY: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.noProxy }}
NO_PROXY: {{ join "," . | quote }}
{{- end }}
{{- end }}
