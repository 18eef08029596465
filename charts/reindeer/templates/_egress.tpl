{{- /* Names are looked up anywhere (a cache on the node has a link-local address); all else goes where it is not blocked. */ -}}
{{- define "reindeer.egress" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        {{- include "reindeer.except" (dict "blocked" .Values.networkPolicy.blockedCidrs "v6" false) | nindent 8 }}
    - ipBlock:
        cidr: ::/0
        {{- include "reindeer.except" (dict "blocked" .Values.networkPolicy.blockedCidrs "v6" true) | nindent 8 }}
{{- end }}

{{- /* The blocked ranges of one family: a range must lie within the block that it is taken out of. */ -}}
{{- define "reindeer.except" -}}
{{- $ranges := list }}
{{- range .blocked }}
{{- if eq (contains ":" .) $.v6 }}
{{- $ranges = append $ranges . }}
{{- end }}
{{- end }}
{{- with $ranges }}
except:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
