// Run by `helm test`: asks the API server for the kinds and the operator whether it is ready, for a minute at most.
import { readFileSync } from 'node:fs';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const wanted = ['indexedrepos', 'reindexrequests', 'searchclusters'];
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, OPERATOR_HOST: operator } = process.env;

/** As it stands in a URL. */
const inUrl = address => (address.includes(':') ? `[${address}]` : address);

/** Names what was asked: a time-out by itself says nothing. */
const asked = async (what, url, headers = {}) => {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(5000) });
  } catch (error) {
    throw new Error(`${what} at ${url} cannot be asked: ${error.cause?.message ?? error.message}`);
  }
};

const served = async () => {
  const server = `https://${inUrl(host)}:${port}`;
  const headers = { authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8').trim()}` };
  const answer = await asked('the API server', `${server}/apis/reindeer.dev/v1alpha1`, headers);
  if (!answer.ok) throw new Error(`reindeer.dev/v1alpha1 is not served: ${answer.status}`);
  const names = (await answer.json()).resources.map(({ name }) => name);
  const missing = wanted.filter(name => !names.includes(name));
  if (missing.length > 0) throw new Error(`not served: ${missing.join(', ')}`);
};

const ready = async () => {
  if (operator === undefined) return;
  const answer = await asked('the operator', `http://${inUrl(operator)}:8080/readyz`);
  if (!answer.ok) throw new Error(`the operator is not ready: ${(await answer.text()).trim()}`);
};

const deadline = Date.now() + 60_000;
for (;;) {
  try {
    await served();
    await ready();
    console.log('the kinds are served, the operator is ready');
    break;
  } catch (error) {
    if (Date.now() > deadline) {
      console.error(error.message);
      process.exit(1);
    }
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}
