import { describe, expect, it } from '@jest/globals';
import { childName, labelValue, nameStem } from '../../../src/domain/child-name.ts';
import { dice } from '../../support/objects/dice.ts';

/** As the API server has them (k8s.io/apimachinery, validation.go). */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const host = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** Names that an object may have: up to 253 characters, rich in dots and hyphens. */
function names(count: number): readonly string[] {
  const random = dice(7);
  const pick = (letters: string): string => letters[Math.floor(random() * letters.length)] ?? 'a';
  const made = Array.from({ length: count * 3 }, () => {
    const length = 1 + Math.floor(random() * (random() < 0.5 ? 60 : 253));
    return Array.from({ length }, () => pick('ab0--..')).join('');
  }).map(name => name.replace(/^[-.]+|[-.]+$/g, '').replace(/-*\.[-.]*/g, '.'));
  // A cut is worst right behind a dot or a hyphen.
  const around = Array.from({ length: 20 }, (_, i) => 35 + i).flatMap(at =>
    ['.', '-', '--'].map(mark => `${'a'.repeat(at)}${mark}team`),
  );
  return [...around, ...made.filter(name => subdomain.test(name))].slice(0, count);
}

describe('the name of a child', () => {
  it('is the same for the same cause and another for any other', () => {
    expect(childName({ parent: 'kibana' }, 'a', 'b')).toBe(childName({ parent: 'kibana' }, 'a', 'b'));
    expect(childName({ parent: 'kibana' }, 'a', 'b')).not.toBe(childName({ parent: 'kibana' }, 'ab', ''));
    expect(childName({ parent: 'kibana', kind: 'light' }, 'a')).toMatch(/^kibana-light-[0-9a-f]{10}$/);
  });

  const generated = names(2000);

  it('is one that the API server takes, whatever its parent is called, and fits the host of a pod', () => {
    expect(generated).toHaveLength(2000);
    for (const parent of generated)
      for (const whose of [{ parent }, { parent, kind: 'light' }, { parent, pods: 'AreHosts' }] as const) {
        const name = childName(whose, 'x');
        const takes = 'pods' in whose ? host : subdomain;
        expect({ parent, name, taken: takes.test(name), fits: name.length <= 58 }).toEqual({
          parent,
          name,
          taken: true,
          fits: true,
        });
      }
  });

  it('stays a name with whatever is appended to a stem, and a label value stays one', () => {
    for (const name of generated) {
      expect(`${nameStem(name, 40)}.x`).toMatch(subdomain);
      expect(labelValue(name)).toMatch(label);
    }
  });
});
