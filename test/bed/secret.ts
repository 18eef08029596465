import { randomBytes } from 'node:crypto';

/** A new password, without characters that a URL or a shell would treat specially. */
export function secret(): string {
  return randomBytes(18).toString('hex');
}
