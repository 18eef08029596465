import { z } from 'zod';
import { rule, re2 } from './rule.ts';

const form = /^([0-9]+h)?([0-9]+m)?([0-9]+s)?$/;

/** Milliseconds of a duration such as `90s`, `30m` or `1h30m`; RangeError for any other text. */
export function durationMs(text: string): number {
  if (text === '' || !form.test(text)) throw new RangeError(`not a duration such as 90s, 30m or 24h: "${text}"`);
  const unitMs = { h: 3_600_000, m: 60_000, s: 1000 };
  const parts = [...text.matchAll(/([0-9]+)([hms])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs], 0);
}

/** A duration field, `from` and `to` included. */
export function duration({ from, to }: { readonly from: string; readonly to: string }): z.ZodString {
  const bounds = { fromMs: durationMs(from), toMs: durationMs(to) };
  const text = z.string().min(2).max(20).regex(form);
  const cel = {
    // The form comes first: duration() of a text that is none is an error, which would hide the message.
    rule: `self.size() > 1 && self.matches('${re2(form)}') && duration(self) >= duration('${from}') && duration(self) <= duration('${to}')`,
    message: `must be a duration from ${from} to ${to}, such as 90s, 30m or 24h`,
  };
  return rule(text, cel, value => {
    if (value.length < 2 || !form.test(value)) return false;
    const ms = durationMs(value);
    return ms >= bounds.fromMs && ms <= bounds.toMs;
  });
}
