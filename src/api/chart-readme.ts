import { valuesTable, type ChartValue } from './chart-values.ts';

/** README.md of the chart: what a catalogue of charts shows. */
export function chartReadme(values: readonly ChartValue[]): string {
  return `<!-- Made from values.yaml by \`npm run generate\`; edits are lost. -->

# Reindeer

Keeps search indices behind their aliases: declared in Git, rebuilt beside the live one, switched atomically.

Needs Kubernetes 1.31 or newer and Helm 3.17 or newer.

## Install

\`\`\`sh
helm install reindeer CHART --namespace reindeer-system --create-namespace
helm test reindeer --namespace reindeer-system
\`\`\`

\`CHART\` is \`charts/reindeer\` of a checkout: neither chart nor image is published yet, so nothing is signed and no provenance is
attached. Build the image (\`Dockerfile\`), push it to a registry of your own and name it in \`image\`.

The test asks the API server for the kinds and the operator whether it is ready.

**One for the cluster, or one for each team.** Without \`watch.namespaces\` one installation looks after every namespace; a
second such one waits for the Lease \`reindeer-cluster\` and is not ready. With \`watch.namespaces\` it has no right beyond the
namespaces listed, and several may stand beside each other, also in one namespace: each elects its leader by a Lease of its
own name. No namespace may be looked after by two: neither listed twice, nor listed beside an installation for the cluster.

**OpenShift** and other platforms that give each namespace its own users: \`podSecurityContext: null\` and
\`worker.podSecurityContext: null\`.

**A proxy** for Git: \`proxy.https\`, with the hosts listed in \`git.allowedHosts\`. Engine and API server are reached directly.

**Metrics** on port 8080 are plain HTTP and ask nobody who he is: they hold names of namespaces and IndexedRepos, and no
secret. \`networkPolicy.enabled\` with \`networkPolicy.from\` says who may come; who needs TLS or a login there puts the proxy
of his mesh before it (\`podAnnotations\`).

## Upgrade

\`helm upgrade\` brings the CRDs along (\`crds.enabled\`). Replicas of two versions never lead at once. Between an update from
0.1 and its way back the Lease \`reindeer\` is kept as well, so the way back waits for up to 16 s.

## Uninstall

First delete the SearchClusters, IndexedRepos and ReindexRequests, while the operator runs: it takes its finalizers off once
the engine is cleaned up. Then:

\`\`\`sh
helm uninstall reindeer --namespace reindeer-system
kubectl delete crd searchclusters.reindeer.dev indexedrepos.reindeer.dev reindexrequests.reindeer.dev
kubectl delete lease reindeer-cluster --namespace kube-system
\`\`\`

The CRDs, and with them whatever is declared, stay unless you delete them (\`crds.keep\`). The Lease in the operator's own
namespace goes with its service account; the one for the cluster has nobody to go with. An object that was deleted too late
is freed by installing the operator again, or, when its engine is gone for good, with
\`kubectl annotate irepo NAME reindeer.dev/abandon-cleanup=true\`.

## Values

A name that is not in here is refused.

${valuesTable(values)}`;
}
