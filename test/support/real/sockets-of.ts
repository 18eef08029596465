import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Ports of the TCP connections over IPv4 that a process of this machine has open at its own end; one that is gone has none. */
export function portsOf(pid: number): ReadonlySet<number> {
  const folder = `/proc/${pid}/fd`;
  const inodes = new Set(
    (existsSync(folder) ? readdirSync(folder) : []).flatMap(
      each => /^socket:\[(\d+)\]$/.exec(linkOf(join(folder, each)))?.[1] ?? [],
    ),
  );
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  const cells = lines.map(line => line.trim().split(/\s+/));
  return new Set(
    cells.flatMap(each => (inodes.has(each[9] ?? '') ? [Number.parseInt(each[1]?.split(':')[1] ?? '', 16)] : [])),
  );
}

/** A descriptor may be closed while it is looked at. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
