import { z } from 'zod';
import { conditionTypes, group, version } from './meta.ts';
import { aliasName, conditionsOf, keyRef, objectName, observedGeneration, ref, secretKey } from './fragments.ts';
import type { Frozen, Kind, ObjectOf } from './kind.ts';
import { immutable, matching, rule, setOf, wholeObject } from './rule.ts';

/** How to reach an engine, what it is, and how much may run on it at once. */

const endpoint = matching(z.string().min(8).max(512), {
  pattern: /^https?:\/\/[^@/?#\x00-\x20]+(\/[^@?#\x00-\x20]*)?$/,
  message:
    'must be http:// or https:// with host, port and path only; credentials go into the Secret that spec.auth names',
});

const limits = z.strictObject({
  heavyRuns: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe(
      'Heavy runs (ReindexRequests at work) at once, 1 to 100, over all namespaces whose SearchCluster reaches the same engine; the smallest number among those counts. A run of which no pod runs takes no place.',
    ),
  lightRuns: z
    .int()
    .min(1)
    .max(1000)
    .default(8)
    .describe(
      'Light runs (incremental Jobs) at once, 1 to 1000, over all namespaces whose SearchCluster reaches the same engine; the smallest number among those counts. A run of which no pod runs takes no place.',
    ),
});

const auth = rule(
  z.strictObject({
    basic: z
      .strictObject({
        secretRef: ref('Secret').describe('Secret with the keys username and password.'),
      })
      .optional()
      .describe('User and password, sent with every request. Absent: apiKey says who it is.'),
    apiKey: z
      .strictObject({
        secretRef: wholeObject(
          z.strictObject({
            name: objectName.describe('Name of a Secret in the same namespace.'),
            key: secretKey.optional().describe('Key in the Secret that holds the value. Absent: apiKey.'),
          }),
        ).describe('The API key as the engine gave it out, encoded: the base64 text of its id and its secret.'),
      })
      .optional()
      .describe('An API key, sent with every request. Absent: basic says who it is.'),
  }),
  { rule: 'has(self.basic) != has(self.apiKey)', message: 'auth takes one of basic and apiKey' },
  ({ basic, apiKey }) => (basic === undefined) !== (apiKey === undefined),
);

const zoneValue = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$/);

const zones = rule(
  z.strictObject({
    attribute: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[A-Za-z]([-_.A-Za-z0-9]*[A-Za-z0-9])?$/)
      .describe('Attribute of the nodes that tells their zone, without node.attr. before it, such as zone.'),
    serving: setOf(z.array(zoneValue).min(1).max(16)).describe(
      'Zones that versions serve from, 1 to 16 values of the attribute.',
    ),
    build: zoneValue.describe('Zone that versions are built in, and that none serves from: a value of the attribute.'),
  }),
  { rule: '!(self.build in self.serving)', message: 'the build zone cannot be a serving zone as well' },
  ({ build, serving }) => !serving.includes(build),
);

const fields = z.strictObject({
  endpoints: setOf(z.array(endpoint).min(1).max(16))
    .optional()
    .describe(
      'URLs of the engine, 1 to 16, such as https://es-http.search.svc:9200. One that does not answer is passed over. Absent: elasticsearchRef says where it is.',
    ),
  elasticsearchRef: wholeObject(
    z.strictObject({
      name: objectName.describe('Name of an Elasticsearch object of ECK in the same namespace.'),
      serviceName: objectName
        .optional()
        .describe('Service of that object to go through, such as one of coordinating nodes. Absent: NAME-es-http.'),
    }),
  )
    .optional()
    .describe(
      'An Elasticsearch cluster that ECK runs: its Service on port 9200, the CA in Secret NAME-es-http-certs-public unless tls names another, and user elastic with Secret NAME-es-elastic-user unless auth names somebody. Absent: endpoints say where the engine is.',
    ),
  engine: z
    .enum(['Auto', 'Elasticsearch', 'OpenSearch'])
    .optional()
    .describe(
      'Which engine is behind the endpoints: Auto (whichever answers, Elasticsearch 8 or 9, OpenSearch 2.12 or later), Elasticsearch or OpenSearch. Where one is named and the other answers, nothing is written (reason OtherEngine). Absent: Auto.',
    ),
  auth: auth.optional().describe('How Reindeer proves to the engine who it is. Absent: it sends no credentials.'),
  tls: z
    .strictObject({
      caSecretRef: keyRef('ca.crt')
        .optional()
        .describe(
          'CA certificates (PEM) that sign the certificate of the engine. Absent: the public CAs of the image.',
        ),
    })
    .optional()
    .describe(
      'How the engine is verified. Verification cannot be switched off. Absent: against the public CAs of the image.',
    ),
  allowPlaintextCredentials: z
    .boolean()
    .default(false)
    .describe(
      'Allows credentials over an http:// endpoint, which anybody on the way can read. Meant for a mesh that encrypts underneath.',
    ),
  clusterUUID: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'UUID of the one cluster that may be written to. Absent: the first one that answers, kept in status.engine.uuid; when another answers, nothing is written (reason ClusterChanged) until this field names it.',
    ),
  settingsIndex: immutable(
    aliasName(),
    'settingsIndex is immutable: the truth about every alias of this cluster lies in it',
  )
    .default('reindeer-settings')
    .describe('Index in which Reindeer keeps aliases, versions and locks, readable without Kubernetes. Immutable.'),
  zones: zones
    .optional()
    .describe(
      'Zones of the cluster, for runs with build.placement BuildZone. Absent: it has none, and such a run ends as NoBuildZone.',
    ),
  limits: limits.prefault({}).describe('How much runs at once on this cluster.'),
  paused: z
    .boolean()
    .default(false)
    .describe(
      'The switch for an incident: nothing new starts on this cluster and running Jobs stop at a checkpoint. Aliases serve on.',
    ),
});

const placed = rule(
  fields,
  {
    rule: 'has(self.endpoints) != has(self.elasticsearchRef)',
    message: 'a SearchCluster takes one of endpoints and elasticsearchRef',
  },
  ({ endpoints, elasticsearchRef }) => (endpoints === undefined) !== (elasticsearchRef === undefined),
);

const spec = rule(
  placed,
  {
    rule: "!has(self.auth) || self.allowPlaintextCredentials || !has(self.endpoints) || !self.endpoints.exists(e, e.startsWith('http://'))",
    message:
      'auth with an http:// endpoint sends credentials in the clear: use https://, or set allowPlaintextCredentials',
  },
  ({ auth, allowPlaintextCredentials, endpoints = [] }) =>
    auth === undefined || allowPlaintextCredentials || !endpoints.some(e => e.startsWith('http://')),
);

const status = z.object({
  observedGeneration,
  engine: z
    .object({
      type: z.string().describe('What answers: Elasticsearch or OpenSearch.'),
      version: z.string().describe('Version that the engine reports, such as 8.19.2.'),
      uuid: z.string().describe('UUID of the cluster that answered first, or that spec.clusterUUID names.'),
    })
    .optional()
    .describe('The engine behind the endpoints. Absent until it answered once.'),
  conditions: conditionsOf(conditionTypes.SearchCluster),
});

export const searchClusterKind = {
  resource: { group, version, plural: 'searchclusters', kind: 'SearchCluster' },
  singular: 'searchcluster',
  shortNames: ['scluster'],
  description:
    'A SearchCluster says how to reach an Elasticsearch or OpenSearch cluster and how much Reindeer may run on it at once.',
  columns: [
    { name: 'Engine', type: 'string', path: '.status.engine.type', description: 'Elasticsearch or OpenSearch' },
    { name: 'Version', type: 'string', path: '.status.engine.version', description: 'Version that the engine reports' },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the engine answers and may be written to',
    },
    {
      name: 'Reason',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Why it is Ready or not',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'Since when the object exists' },
    { name: 'UUID', type: 'string', path: '.status.engine.uuid', description: 'UUID of the cluster', wide: true },
  ],
  spec,
  status,
} as const satisfies Kind;

export const searchClusterResource = searchClusterKind.resource;

/** Defaults filled in. */
export type SearchClusterSpec = Frozen<z.output<typeof spec>>;
export type SearchClusterStatus = Frozen<z.output<typeof status>>;
export type SearchCluster = ObjectOf<typeof searchClusterKind>;
