import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT, gitServer, kindCluster } from '../../bed/kind-files.ts';

const checkout = join(import.meta.dirname, '..', '..', '..');

type Mount = { readonly hostPath: string; readonly containerPath: string };
type Cluster = {
  readonly nodes: readonly [
    { readonly extraMounts: readonly Mount[]; readonly kubeadmConfigPatches: readonly string[] },
  ];
};

function cluster(apiServer?: { readonly address: string; readonly port: number }): Cluster['nodes'][0] {
  return (kindCluster({ home: '/home/bed', checkout, apiServer }) as Cluster).nodes[0];
}

describe('a bed of kind', () => {
  it('gives the Git server every file that its program imports', () => {
    const { container } = gitServer('/home/bed', 'image', 0);
    const [, program = ''] = container['command'] as readonly string[];
    const [mount] = cluster().extraMounts.filter(({ containerPath }) => program.startsWith(containerPath));
    const start = join(mount?.hostPath ?? '', relative(mount?.containerPath ?? '', program));
    const imported = [...importsOf(start)];
    expect(imported.length).toBeGreaterThan(2);
    for (const file of imported) expect(file.startsWith(`${mount?.hostPath ?? ''}/`)).toBe(true);
    expect((container['volumeMounts'] as readonly { mountPath: string }[]).map(({ mountPath }) => mountPath)).toContain(
      CHECKOUT,
    );
  });

  it('keeps the audit log in the bed, and DNS only where its image can be had', () => {
    const pulled = cluster().kubeadmConfigPatches.join('\n');
    expect(pulled).toContain('/home/bed/logs/audit.log');
    expect(pulled).not.toContain('coredns');
    const own = cluster({ address: '10.232.0.2', port: 6443 }).kubeadmConfigPatches.join('\n');
    expect(own).toContain('/home/bed/logs/audit.log');
    expect(own).toContain('addon/coredns');
  });
});

/** The file and all that it imports from this checkout. */
function importsOf(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    importsOf(join(dirname(file), path), seen);
  }
  return seen;
}
