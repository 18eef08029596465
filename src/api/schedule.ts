import { z } from 'zod';
import { matching, rule } from './rule.ts';
import { durationMs } from './duration.ts';

/** Five cron fields with their ranges, or `@every DURATION`. What a pattern cannot say (30 February) is InvalidSchedule. */

const minute = '[0-5]?[0-9]';
const hour = '([01]?[0-9]|2[0-3])';
const dayOfMonth = '(0?[1-9]|[12][0-9]|3[01])';
const month = '(0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)';
const dayOfWeek = '([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)';

/** Lists of `*`, values and ranges, each with an optional step. */
function cronField(value: string): string {
  const item = `(\\*|${value}(-${value})?)(/[1-9][0-9]?)?`;
  return `${item}(,${item})*`;
}

const cron = [minute, hour, dayOfMonth, month, dayOfWeek].map(cronField).join(' ');
const every = '@every ([0-9]{1,4}h([0-9]{1,4}m)?([0-9]{1,5}s)?|[0-9]{1,5}m([0-9]{1,5}s)?|[0-9]{1,6}s)';

const form = matching(z.string().min(1).max(120), {
  pattern: new RegExp(`^(${cron}|${every})$`),
  message: 'must be five cron fields such as "0 2 * * SUN", or "@every" with a duration such as "@every 10m"',
});

const isEvery = '@every ';

/** A schedule, as light runs and rebuilds have one. */
export const schedule = rule(
  form,
  {
    rule: `!self.matches('^${every}$') || (duration(self.substring(${isEvery.length})) >= duration('1m') && duration(self.substring(${isEvery.length})) <= duration('720h'))`,
    message: '@every takes a duration from 1m to 720h',
  },
  text => {
    if (!new RegExp(`^${every}$`).test(text)) return true;
    const ms = durationMs(text.slice(isEvery.length));
    return ms >= 60_000 && ms <= 720 * 3_600_000;
  },
);
