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
REINDEER_LIGHT_RESOURCES: {{ toJson .Values.worker.light.resources | quote }}
REINDEER_HEAVY_RESOURCES: {{ toJson .Values.worker.heavy.resources | quote }}
{{- end }}
