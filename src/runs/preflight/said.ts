import type { Capacity, EngineInfo } from '../../engine/port.ts';
import { passed, type Finding } from './check.ts';

/** What is said and refuses nothing. */

export function engineFinding({ type, version, uuid }: EngineInfo): Finding {
  return passed('engine', `${type} ${version}, cluster ${uuid}`);
}

/** No lease and no order depends on the clock of an engine: what is far off is for people to know of. */
export function clocksFinding({ nodes }: Capacity, now: Date): Finding {
  const [first, ...others] = nodes.flatMap(({ name, clockMs }) =>
    clockMs === undefined ? [] : [{ name, seconds: Math.round((clockMs - now.getTime()) / 1000) }],
  );
  if (!first) return passed('clocks', 'no node says what time it is');
  const { name, seconds } = others.reduce(
    (far, each) => (Math.abs(each.seconds) > Math.abs(far.seconds) ? each : far),
    first,
  );
  const off = seconds === 0 ? 'as ours' : `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} ours`;
  return passed('clocks', `the clock of ${name} is ${off}, and that of no other node is further off`);
}
