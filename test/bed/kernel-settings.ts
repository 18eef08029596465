import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a kubelet sets for the whole machine when it starts. */
const SETTINGS = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** Where the kernel shows them. */
const KERNEL = '/proc/sys';

/** Notes the machine's values before the kubelet starts. */
export function keepKernelSettings(home: string, kernel = KERNEL): void {
  const values = SETTINGS.filter(name => existsSync(join(kernel, name))).map(name => [
    name,
    readFileSync(join(kernel, name), 'utf8'),
  ]);
  writeFileSync(keptIn(home), JSON.stringify(Object.fromEntries(values)));
}

/** The noted values; empty when no kubelet was ever started. */
export function kernelSettingsKept(home: string): Readonly<Record<string, string>> {
  if (!existsSync(keptIn(home))) return {};
  try {
    return JSON.parse(readFileSync(keptIn(home), 'utf8')) as Record<string, string>;
  } catch {
    // Torn by a crash of the machine, which put everything back by itself.
    return {};
  }
}

/** Puts the noted values back; what already has them is not written. */
export function restoreKernelSettings(home: string, kernel = KERNEL): void {
  for (const [name, value] of Object.entries(kernelSettingsKept(home))) {
    const file = join(kernel, name);
    if (readFileSync(file, 'utf8') !== value) writeFileSync(file, value);
  }
}

function keptIn(home: string): string {
  return join(home, 'kernel-settings.json');
}
