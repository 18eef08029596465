import { BlockList, isIP } from 'node:net';

/** The variables that tell programs of a proxy; the spelling in small letters wins, as with curl. */
const proxyVariables = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'] as const;

/** Those that are set, under their names in capitals. */
export function proxySettings(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    proxyVariables.flatMap(name => {
      const value = env[name.toLowerCase()] ?? env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}

/**
 * The proxy through which an HTTPS host is reached; undefined = directly. NO_PROXY takes `*`, names with all below them
 * (a leading dot means the same), addresses and ranges, with commas or spaces between. Read here and nowhere else: what is
 * pinned to addresses and what is not must be the same hosts.
 */
export function proxyFor(host: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { HTTPS_PROXY: proxy, NO_PROXY: direct = '' } = proxySettings(env);
  if (proxy === undefined) return undefined;
  const entries = direct.toLowerCase().split(/[\s,]+/);
  return entries.some(entry => covers(entry, host.toLowerCase())) ? undefined : proxy;
}

function covers(entry: string, host: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (isIP(host) !== 0) return entry === host || isInRange(host, entry);
  const name = entry.replace(/^\*?\./, '');
  return host === name || host.endsWith(`.${name}`);
}

function isInRange(address: string, range: string): boolean {
  const [net = '', bits = ''] = range.split('/');
  const family = isIP(net);
  const most = family === 4 ? 32 : 128;
  if (family === 0 || family !== isIP(address) || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(net, Number(bits), type);
  return list.check(address, type);
}
