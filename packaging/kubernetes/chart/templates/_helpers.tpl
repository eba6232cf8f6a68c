{{- define "cronbus.labels" -}}
app.kubernetes.io/name: cronbus
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "cronbus.selector" -}}
app.kubernetes.io/name: cronbus
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cronbus.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* For nodes that read the database: executors do not, and jobs that run there shall not know its password. */}}
{{- define "cronbus.database" -}}
- name: CRONBUS_DATABASE__URL
  valueFrom:
    secretKeyRef: {{ toJson .Values.secrets.database }}
{{- end }}

{{/* What every node needs: the cluster's key, and whom it asks to drain it, with which token. */}}
{{- define "cronbus.env" -}}
- name: CRONBUS_CLUSTER__KEY
  valueFrom:
    secretKeyRef: {{ toJson .Values.secrets.clusterKey }}
- name: CRONBUS_TOKEN
  valueFrom:
    secretKeyRef: {{ merge (dict "optional" true) .Values.secrets.drainToken | toJson }}
- name: CRONBUS_SERVER
  value: {{ printf "%s://%s-web" (ternary "https" "http" (ne .Values.web.tlsSecret "")) .Release.Name }}
{{- if .Values.web.tlsSecret }}
- name: CRONBUS_CA_FILE
  value: /etc/cronbus-tls/ca.crt
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Nobody is root, nothing is written but where it must be, no system call that containers do not need. */}}
{{- define "cronbus.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "cronbus.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "cronbus.probes" -}}
startupProbe:
  httpGet: { path: /healthz, port: health }
  periodSeconds: 2
  failureThreshold: 150
livenessProbe:
  httpGet: { path: /healthz, port: health }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: health }
  periodSeconds: 5
  timeoutSeconds: 12
{{- end }}

{{- define "cronbus.mounts" -}}
- { name: config, mountPath: /etc/cronbus, readOnly: true }
- { name: data, mountPath: /var/lib/cronbus }
- { name: tmp, mountPath: /tmp }
{{- if .Values.web.tlsSecret }}
- { name: tls, mountPath: /etc/cronbus-tls, readOnly: true }
{{- end }}
{{- end }}

{{- define "cronbus.volumes" -}}
- name: config
  configMap: { name: {{ .Release.Name }} }
- name: tmp
  emptyDir: {}
{{- with .Values.web.tlsSecret }}
- name: tls
  secret: { secretName: {{ . }} }
{{- end }}
{{- end }}

{{/*
The administrator's token goes into the data directory, for the node alone: files of a Secret can be read by their group, which
a node refuses. Executors make a token of their own, since jobs that run there can read it.
*/}}
{{- define "cronbus.prepare" -}}
- name: prepare
  image: {{ include "cronbus.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: [sh, -c, 'umask 077 && printf "%s\n" "$CRONBUS_TOKEN" > /var/lib/cronbus/admin.token']
  env:
    - name: CRONBUS_TOKEN
      valueFrom:
        secretKeyRef: {{ toJson .Values.secrets.token }}
  resources:
    requests: { cpu: 10m, memory: 16Mi }
    limits: { memory: 32Mi }
  securityContext:
    {{- include "cronbus.security" . | nindent 4 }}
  volumeMounts:
    - { name: data, mountPath: /var/lib/cronbus }
{{- end }}
