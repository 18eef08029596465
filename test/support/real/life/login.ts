import { eventually } from '../../checks/eventually.ts';
import { searchClusterResource } from '../../../../src/api/search-cluster.ts';
import { httpsProbe } from '../../../bed/https-probe.ts';
import { secret as newPassword } from '../../../bed/secret.ts';
import { team, type ControlStage } from '../control-stage.ts';
import { secret } from '../installed.ts';
import { persist } from './persist.ts';
import type { Login } from './scene.ts';

const user = 'life';
const secretResource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' } as const;

/** From now on the SearchCluster of the stage logs in as a user of its own, whose password can change. */
export async function ownLogin({ node, kube }: ControlStage): Promise<Login> {
  const passwords: string[] = [];
  const password = (): string => passwords.at(-1) ?? '';
  const rotate = async (): Promise<void> => {
    passwords.push(newPassword());
    node.putUser(user, password());
    const options = { caFile: node.caFile, basic: { username: user, password: password() } };
    await eventually('the engine knows the password', 60_000, async () => {
      return (await httpsProbe(`${node.url}/_cluster/health`, options)).status === 200;
    });
  };
  const tell = async (): Promise<void> => {
    const stringData = { username: user, password: password() };
    const key = { namespace: team, name: user };
    await persist(() => kube.patch(secretResource, key, undefined, { stringData }));
  };
  await rotate();
  await kube.create(secretResource, {
    ...secret(user, { username: user, password: password() }),
    metadata: { name: user, namespace: team },
  });
  const auth = { basic: { secretRef: { name: user } } };
  await kube.patch(searchClusterResource, { namespace: team, name: 'main' }, undefined, { spec: { auth } });
  return { rotate, tell, passwords };
}
