import { settingsOn } from '../../../src/registry/settings.ts';
import type { FaultRecord } from '../checks/fault-table.ts';
import { engineOf, engineUnderTest } from './bed-engine.ts';
import { furnish, kubeconfigOf, Operators, type ControlStage } from './control-stage.ts';
import { httpFaultProxy } from './http-fault-proxy.ts';
import { ownEngine, type OwnEngine } from './own-engine.ts';

/** Runs of one row do not wait for each other. */
const limits = { heavyRuns: 9 };

/**
 * A namespace of a row's own, which an operator of its own looks after, with a relay of its own before the engine: what is
 * done to these no other row meets. It ends with the row. `hasOwnEngine`: not the engine of the stage either.
 */
export async function aTenant(
  stage: ControlStage,
  record: FaultRecord,
  { namespace, hasOwnEngine = false }: { readonly namespace: string; readonly hasOwnEngine?: boolean },
): Promise<ControlStage> {
  const { kube, plane, git } = stage;
  const node = hasOwnEngine ? await anEngine(record) : stage.node;
  const { port, caFile, identity } = node;
  const engineWire = await httpFaultProxy({ target: { host: '127.0.0.1', port, caFile }, identity });
  const engine = node === stage.node ? stage.engine : engineOf({ engine: node });
  const operators = new Operators(stage.main);
  const close = async (): Promise<void> => {
    await operators.kill();
    await engineWire.close();
    if (engine !== stage.engine) await engine.close();
  };
  record.atEnd(close);
  const settingsIndex = `settings-of-${namespace}`;
  await furnish(kube, { namespace, git, engine: { ...node, url: engineWire.url }, spec: { settingsIndex, limits } });
  const env = {
    KUBECONFIG: await plane.kubeconfigOf(namespace),
    REINDEER_NAMESPACES: namespace,
    REINDEER_INSTALLATION: namespace,
  };
  const tenant: ControlStage = {
    ...stage,
    ...{ namespace, node, engine, engineWire, settingsIndex, close },
    settings: settingsOn(engine, settingsIndex),
    operator: () => operators.last,
    printed: () => operators.printed,
    start: async ({ kubePort, env: more } = {}) => {
      // A relay cannot show the certificate that it was shown.
      const withToken = kubePort === undefined ? {} : { KUBECONFIG: kubeconfigOf(plane, kubePort) };
      return operators.start({ ...env, ...withToken, ...more });
    },
  };
  await tenant.start();
  return tenant;
}

async function anEngine(record: FaultRecord): Promise<OwnEngine> {
  const node = await ownEngine(engineUnderTest()?.distribution);
  record.atEnd(() => node.stop());
  return node;
}
