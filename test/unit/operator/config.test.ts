import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../../src/operator/config.ts';
import { plainWorkers } from '../../support/objects/plain-workers.ts';

const least = { POD_NAMESPACE: 'reindeer', POD_NAME: 'reindeer-0', REINDEER_IMAGE: 'reindeer:1' };

describe('operator configuration', () => {
  it('needs namespace, pod name and image only', () => {
    expect(readConfig(least)).toEqual({
      namespaces: [],
      ownNamespace: 'reindeer',
      installation: 'reindeer',
      lease: { namespace: 'reindeer', name: 'reindeer' },
      podName: 'reindeer-0',
      workerImage: 'reindeer:1',
      allowedGitHosts: [],
      logLevel: 'info',
      healthPort: 8080,
      leaderElection: true,
      aliasLookSeconds: 60,
      jobPods: {
        light: { resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } } },
        heavy: { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } } },
      },
      workerPods: plainWorkers,
    });
  });

  it('reads lists, numbers, flags and resources', () => {
    const config = readConfig({
      ...least,
      REINDEER_NAMESPACES: 'a, b,,',
      REINDEER_ALLOWED_GIT_HOSTS: 'Git.corp.example, *.example.org',
      REINDEER_HEALTH_PORT: '9000',
      REINDEER_LEADER_ELECTION: 'false',
      REINDEER_ALIAS_LOOK_SECONDS: '300',
      REINDEER_HEAVY_POD: '{"resources":{"requests":{"cpu":"4"}},"nodeSelector":{"pool":"batch"}}',
      REINDEER_WORKER_PODS: JSON.stringify({
        labels: { team: 'search' },
        securityContext: null,
        env: { TZ: 'UTC' },
        hostAliases: [{ ip: 'fd00::9', hostnames: ['search-es-http.team.svc', 'search'] }],
      }),
      https_proxy: 'http://proxy.example.org:3128',
      NO_PROXY: '.corp.example',
    });
    expect(config).toMatchObject({
      namespaces: ['a', 'b'],
      allowedGitHosts: ['git.corp.example', '*.example.org'],
      healthPort: 9000,
      leaderElection: false,
      aliasLookSeconds: 300,
      jobPods: { heavy: { resources: { requests: { cpu: '4' } }, nodeSelector: { pool: 'batch' } } },
      workerPods: {
        labels: { team: 'search' },
        securityContext: null,
        env: { TZ: 'UTC', HTTPS_PROXY: 'http://proxy.example.org:3128', NO_PROXY: '.corp.example' },
        hostAliases: [{ ip: 'fd00::9', hostnames: ['search-es-http.team.svc', 'search'] }],
      },
    });
  });

  it('elects its leader by the name of the installation, or for the whole cluster by one name for all', () => {
    const named = { ...least, REINDEER_INSTALLATION: 'team-a' };
    expect(readConfig(named).lease).toEqual({ namespace: 'reindeer', name: 'team-a' });
    expect(readConfig({ ...named, REINDEER_CLUSTER_LEASE_NAMESPACE: 'kube-system' }).lease).toEqual({
      namespace: 'kube-system',
      name: 'reindeer-cluster',
    });
  });

  it.each([
    { name: 'REINDEER_INSTALLATION', value: 'Team_A' },
    { name: 'POD_NAME', value: undefined },
    { name: 'REINDEER_IMAGE', value: '' },
    { name: 'REINDEER_LOG_LEVEL', value: 'loud-secret' },
    { name: 'REINDEER_ALLOWED_GIT_HOSTS', value: 'https://git.example.org' },
    { name: 'REINDEER_ALLOWED_GIT_HOSTS', value: 'git.example.org:443' },
    { name: 'REINDEER_ALLOWED_GIT_HOSTS', value: 'git.*.org' },
    { name: 'REINDEER_HEALTH_PORT', value: '70000' },
    { name: 'REINDEER_ALIAS_LOOK_SECONDS', value: '301' },
    { name: 'REINDEER_ALIAS_LOOK_SECONDS', value: '9' },
    { name: 'REINDEER_LEADER_ELECTION', value: 'yes' },
    { name: 'REINDEER_LIGHT_POD', value: '{"resources":{"requests":{"gpu":"1"}}}' },
    { name: 'REINDEER_LIGHT_POD', value: '{"resources":{"requests":{"cpu":"lots"}}}' },
    { name: 'REINDEER_HEAVY_POD', value: 'not json' },
    { name: 'REINDEER_WORKER_PODS', value: '{"labels":{"reindeer.dev/repo":"x"}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"labels":{"app.kubernetes.io/managed-by":"x"}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"labels":{"team":"not a label"}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"imagePullSecrets":[{"name":"A_b"}]}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"securityContext":{"runAsUser":0}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"securityContext":{"runAsNonRoot":false}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"env":{"REINDEER_TOKEN":"9"}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"env":{"LD_PRELOAD":"/tmp/x.so"}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":{"es":"10.0.0.9"}}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":[{"ip":"10.0.0.9"}]}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":[{"ip":"10.0.0.9","hostnames":[]}]}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":[{"ip":"10.0.0.9/32","hostnames":["es"]}]}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":[{"ip":"fe80::1%eth0","hostnames":["es"]}]}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":[{"ip":"10.0.0.9","hostnames":["ES"]}]}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":[{"ip":"10.0.0.9","hostnames":["a.svc","b c"]}]}' },
    { name: 'REINDEER_WORKER_PODS', value: '{"hostAliases":[{"ip":"10.0.0.9","hostnames":["es"],"port":9200}]}' },
  ])('refuses $name=$value and names the variable', ({ name, value }) => {
    expect(() => readConfig({ ...least, [name]: value })).toThrow(name);
  });
});
