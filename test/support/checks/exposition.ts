/** One sample of the text format of Prometheus. */
export type Sample = { readonly name: string; readonly labels: string; readonly value: number };

/** One metric with everything that was said of it. */
export type Family = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
};

/** Reads what a scrape answered; throws on a line that is neither comment nor sample. */
export function familiesIn(text: string): readonly Family[] {
  const families: (Family & { samples: Sample[] })[] = [];
  let help = '';
  for (const line of text.split('\n').filter(each => each !== '')) {
    const helped = /^# HELP \S+ ?(.*)$/.exec(line);
    const typed = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (helped) help = helped[1] ?? '';
    else if (typed) families.push({ name: typed[1] ?? '', type: typed[2] ?? '', help, samples: [] });
    else families.at(-1)?.samples.push(sampleOf(line));
  }
  return families;
}

function sampleOf(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`not a sample: ${line}`);
  return { name, labels, value: Number(value) };
}

/** The value of the one sample with this name and these labels, spelt as in the text; undefined = there is none. */
export function valueOf(text: string, name: string, labels = ''): number | undefined {
  return familiesIn(text)
    .flatMap(family => family.samples)
    .find(sample => sample.name === name && sample.labels === labels)?.value;
}

/**
 * What a linter of metrics complains about, after the rules of promtool: names, base units, HELP, and which types may
 * end in which words.
 */
export function complaintsAbout({ name, type, help, samples }: Family): readonly string[] {
  const rules: readonly (readonly [boolean, string])[] = [
    [/^[a-z][a-z0-9_]*$/.test(name), 'is not in snake_case'],
    [help.trim() !== '', 'has no HELP'],
    [!help.endsWith('.'), 'has a HELP that ends with a full stop'],
    [(type === 'counter') === name.endsWith('_total'), 'is a counter without _total, or none with it'],
    [!/_(count|sum|bucket|info)$/.test(name), 'ends in a word that has another meaning'],
    [!/_(milliseconds|ms|minutes|hours|days|kilobytes|kb|mb|percent)(_|$)/.test(name), 'is not in a base unit'],
    [!/(^|_)(counter|gauge|histogram|metric)(_|$)/.test(name), 'has a type in its name'],
    [
      !samples.some(({ labels }) => /[0-9a-f]{40}|[0-9a-f]{8}-[0-9a-f]{4}-/.test(labels)),
      'has a commit or uid as label',
    ],
    [samples.every(({ value }) => Number.isFinite(value)), 'has a value that is no number'],
  ];
  return rules.filter(([holds]) => !holds).map(([, complaint]) => `${name} ${complaint}`);
}
