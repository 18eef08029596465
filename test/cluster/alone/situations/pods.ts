import type { SituationName } from '../../../../src/api/situations.ts';
import { eventually } from '../../../support/checks/eventually.ts';
import type { Manifest } from '../../../support/real/kubectl.ts';
import type { Maker, Prepared } from './play.ts';
import { aStage, type Ground, type Stage } from './stage.ts';

/** What keeps the pods or the Job of a first build away. */
export const aroundPods = {
  'image-unpullable': ground => declaredSo(ground, 'image', { worker: { image: 'registry.invalid/no-such-image:1' } }),
  'no-node': ground => declaredSo(ground, 'no-node', { heavy: { nodeSelector: { disk: 'of-another-world' } } }),
  'quota-on-pods': ground => beforehand(ground, 'quota-on-pods', aQuota({ pods: '0' })),
  'quota-on-jobs': ground => beforehand(ground, 'quota-on-jobs', aQuota({ 'count/jobs.batch': '0' })),
  'limit-range': ground => beforehand(ground, 'limit-range', aLimitRange),
  'admission-forbids': ground => refusedByPolicy(ground, 'Forbidden'),
  'admission-invalid': ground => refusedByPolicy(ground, 'Invalid'),
} satisfies Partial<Record<SituationName, Maker>>;

/** The spec of the IndexedRepo is what is wrong. */
async function declaredSo(ground: Ground, topic: string, wrong: object): Promise<Prepared> {
  const stage = await aStage(ground, topic);
  return { stage, acts: { make: () => stage.declare(wrong), repair: () => stage.declare() } };
}

/** An object of whoever keeps the namespace is in the way. */
async function beforehand(ground: Ground, topic: string, object: Manifest): Promise<Prepared> {
  const stage = await aStage(ground, topic);
  await stage.kubectl.apply(object);
  const repair = async (): Promise<void> => {
    await stage.kubectl.run(['delete', object.kind, object.metadata.name]);
  };
  return { stage, acts: { make: () => stage.declare(), repair } };
}

function aQuota(hard: object): Manifest {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'nothing-left' }, spec: { hard } };
}

const aLimitRange: Manifest = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'small-pods' },
  spec: { limits: [{ type: 'Container', max: { memory: '64Mi' } }] },
};

/** A policy of the whole cluster, bound to this one namespace. */
async function refusedByPolicy(ground: Ground, reason: 'Forbidden' | 'Invalid'): Promise<Prepared> {
  const stage = await aStage(ground, `admission-${reason.toLowerCase()}`);
  const { kubectl, name } = stage;
  const group = 'admissionregistration.k8s.io/v1';
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': kubectl.namespace } };
  const policy: Manifest = {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] }],
      },
      validations: [{ expression: 'false', message: 'no Jobs on Sundays', reason }],
    },
  };
  const binding: Manifest = {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], matchResources: { namespaceSelector } },
  };
  await kubectl.apply(policy, binding);
  const repair = async (): Promise<void> => {
    await kubectl.run(['delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', name]);
  };
  await eventually('the policy is in force', 30_000, async () => isRefused(stage));
  return { stage, acts: { make: () => stage.declare(), repair } };
}

async function isRefused({ kubectl }: Stage): Promise<boolean> {
  const dryRun = ['create', 'job', 'trial', '--image=none', '--dry-run=server'];
  return kubectl.run(dryRun).then(
    () => false,
    (error: unknown) => String(error).includes('no Jobs on Sundays'),
  );
}
