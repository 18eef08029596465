/**
 * As much of PromQL as the alerts of the chart use, on one set of samples: what `increase` of a counter would be is the
 * sample itself. Anything else in an expression throws. Not for anything but these alerts.
 */

export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };
export type Samples = Readonly<Record<string, readonly Sample[]>>;
type Vector = readonly Sample[];
type Value = Vector | number;

/** What the expression answers: an alert fires for each sample of it. */
export function evaluate(expr: string, samples: Samples): Vector {
  const words = expr.match(/[a-z_]+|\d+|[<>=!]=|[<>(){}[\],-]/g) ?? [];
  const parser = new Parser(words, samples);
  const value = parser.either();
  parser.end();
  return typeof value === 'number' ? [{ labels: {}, value }] : value;
}

class Parser {
  #at = 0;
  readonly #words: readonly string[];
  readonly #samples: Samples;

  constructor(words: readonly string[], samples: Samples) {
    this.#words = words;
    this.#samples = samples;
  }

  either(): Value {
    let left = this.#except();
    while (this.#took('or')) left = [...vector(left), ...unlike(vector(left), vector(this.#except()))];
    return left;
  }

  end(): void {
    if (this.#at < this.#words.length) throw new Error(`unread: ${this.#words.slice(this.#at).join(' ')}`);
  }

  #except(): Value {
    const left = this.#comparison();
    if (!this.#took('unless')) return left;
    const on = this.#took('on') ? this.#names() : undefined;
    return unlike(vector(this.#comparison()), vector(left), on);
  }

  #comparison(): Value {
    const left = this.#term();
    const operator = this.#words[this.#at];
    const compare = operator === undefined ? undefined : comparisons[operator];
    if (!compare) return left;
    this.#at += 1;
    const right = this.#term();
    return vector(left).filter(({ labels, value }) => {
      const other = typeof right === 'number' ? right : right.find(each => key(each.labels) === key(labels))?.value;
      return other !== undefined && compare(value, other);
    });
  }

  #term(): Value {
    const word = this.#words[this.#at++] ?? '';
    if (/^\d+$/.test(word)) return Number(word);
    if (word === 'sum' || word === 'max') return this.#aggregate(word);
    if (word === 'increase') return this.#inBrackets(() => this.#ranged());
    if (word === 'absent')
      return this.#inBrackets(() => (vector(this.either()).length > 0 ? [] : [{ labels: {}, value: 1 }]));
    if (!word.includes('_')) throw new Error(`"${word}" is not known here`);
    return this.#samples[word] ?? [];
  }

  #aggregate(how: 'sum' | 'max'): Vector {
    const by = this.#took('by') ? this.#names() : [];
    const inner = vector(this.#inBrackets(() => this.either()));
    const groups = Map.groupBy(inner, ({ labels }) => key(pick(labels, by)));
    return [...groups.values()].map(group => {
      const values = group.map(({ value }) => value);
      const value = how === 'max' ? Math.max(...values) : values.reduce((sum, each) => sum + each, 0);
      return { labels: pick(group[0]?.labels ?? {}, by), value };
    });
  }

  /** A metric over a time: `name[30m]`. */
  #ranged(): Value {
    const value = this.#term();
    while (!this.#took(']')) this.#at += 1;
    return value;
  }

  #inBrackets<T>(read: () => T): T {
    this.#must('(');
    const value = read();
    this.#must(')');
    return value;
  }

  #names(): readonly string[] {
    return this.#inBrackets(() => {
      const names: string[] = [];
      do names.push(this.#words[this.#at++] ?? '');
      while (this.#took(','));
      return names;
    });
  }

  #took(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }

  #must(word: string): void {
    if (!this.#took(word)) throw new Error(`"${word}" is missing before "${this.#words[this.#at] ?? ''}"`);
  }
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '==': (a, b) => a === b,
  '>=': (a, b) => a >= b,
};

function vector(value: Value): Vector {
  if (typeof value === 'number') throw new Error(`${value} is no vector`);
  return value;
}

/** Those of `candidates` that have none with the same labels in `known`. */
function unlike(known: Vector, candidates: Vector, on?: readonly string[]): Vector {
  const keyOf = ({ labels }: Sample): string => key(on ? pick(labels, on) : labels);
  const keys = new Set(known.map(keyOf));
  return candidates.filter(each => !keys.has(keyOf(each)));
}

function pick(labels: Sample['labels'], names: readonly string[]): Sample['labels'] {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
}

function key(labels: Sample['labels']): string {
  return JSON.stringify(Object.entries(labels).toSorted());
}
