import { below, pick, type Random } from '../harness/random.ts';
import { camelName, functionName, literal, noun, sentence, snakeName, typeName } from './words.ts';

/** Text as people write it, as far as an indexer can tell: line lengths, indentation, blank lines, names that recur. */
export type Language = {
  readonly extension: string;
  /** A block of lines: a function, a type, a paragraph. */
  readonly block: (random: Random) => readonly string[];
};

const typescript: Language = {
  extension: 'ts',
  block: random => {
    const name = functionName(random);
    const argument = camelName(random);
    return [
      ...(random() < 0.5 ? [`/** ${sentence(random, 8 + below(random, 12))}. */`] : []),
      `export async function ${name}(${argument}: ${typeName(random)}, options: ${typeName(random)}): Promise<${typeName(random)}> {`,
      ...statements(random, 2 + below(random, 12), '  ', indent => typescriptStatement(random, argument, indent)),
      `  return { ...${argument}, ${camelName(random)}: ${literal(random)} };`,
      '}',
      '',
    ];
  },
};

function typescriptStatement(random: Random, argument: string, indent: string): readonly string[] {
  switch (below(random, 5)) {
    case 0:
      return [`${indent}const ${camelName(random)} = await ${functionName(random)}(${argument}, ${literal(random)});`];
    case 1:
      return [
        `${indent}if (${argument}.${camelName(random)} === undefined || options.${camelName(random)} > ${below(random, 900)}) {`,
        `${indent}  throw new Error(\`${sentence(random, 5)}: \${${camelName(random)}}\`);`,
        `${indent}}`,
      ];
    case 2:
      return [
        `${indent}for (const ${noun(random)} of ${argument}.${camelName(random)}) {`,
        `${indent}  ${functionName(random)}(${literal(random)}, { ${camelName(random)}: ${literal(random)} });`,
        `${indent}}`,
      ];
    case 3:
      return [`${indent}// ${sentence(random, 6 + below(random, 10))}.`];
    default:
      return [
        `${indent}${camelName(random)}.${functionName(random)}(${literal(random)}, ${literal(random)}, ${literal(random)});`,
      ];
  }
}

const go: Language = {
  extension: 'go',
  block: random => [
    `// ${sentence(random, 8 + below(random, 14))}.`,
    `func (${noun(random)[0] ?? 'r'} *${typeName(random)}) ${typeName(random)}(ctx context.Context, ${camelName(random)} *${typeName(random)}) (*${typeName(random)}, error) {`,
    ...statements(random, 2 + below(random, 10), '\t', indent => {
      if (random() < 0.5)
        return [
          `${indent}${camelName(random)} := ${typeName(random)}{${typeName(random)}: ${literal(random).replaceAll("'", '"')}}`,
        ];
      return [
        `${indent}if err := ${camelName(random)}.${typeName(random)}(ctx, ${literal(random).replaceAll("'", '"')}); err != nil {`,
        `${indent}\treturn nil, fmt.Errorf("${sentence(random, 4).toLowerCase()}: %w", err)`,
        `${indent}}`,
      ];
    }),
    '\treturn nil, nil',
    '}',
    '',
  ],
};

const python: Language = {
  extension: 'py',
  block: random => [
    `def ${snakeName(random)}(self, ${noun(random)}, *, ${noun(random)}=None, ${noun(random)}=${below(random, 99)}):`,
    `    """${sentence(random, 7 + below(random, 10))}."""`,
    ...statements(random, 2 + below(random, 10), '    ', indent => {
      if (random() < 0.6)
        return [
          `${indent}self.${noun(random)}_${noun(random)} = ${snakeName(random)}(${noun(random)}, ${literal(random)})`,
        ];
      return [
        `${indent}for ${noun(random)} in self.${snakeName(random)}():`,
        `${indent}    yield {"${noun(random)}": ${noun(random)}, "${noun(random)}": ${below(random, 9999)}}`,
      ];
    }),
    '    return None',
    '',
    '',
  ],
};

const markdown: Language = {
  extension: 'md',
  block: random => [
    `${'#'.repeat(1 + below(random, 3))} ${sentence(random, 2 + below(random, 4))}`,
    '',
    ...Array.from({ length: 1 + below(random, 3) }, () => [
      `${sentence(random, 20 + below(random, 40))}. ${sentence(random, 8 + below(random, 20))}, \`${camelName(random)}\`.`,
      '',
    ]).flat(),
  ],
};

function statements(
  random: Random,
  count: number,
  indent: string,
  statement: (indent: string) => readonly string[],
): readonly string[] {
  return Array.from({ length: count }, () => [...statement(indent), ...(random() < 0.12 ? [''] : [])]).flat();
}

/** As often as in a service with its documentation. */
export const languages: readonly Language[] = [
  typescript,
  typescript,
  typescript,
  typescript,
  go,
  go,
  go,
  python,
  python,
  markdown,
];

export function anyLanguage(random: Random): Language {
  return pick(random, languages);
}

/** Blocks up to about this many characters. */
export function textOf(random: Random, language: Language, characters: number): string {
  const lines: string[] = [];
  for (let length = 0; length < characters;) {
    const block = language.block(random);
    lines.push(...block);
    length += block.reduce((sum, line) => sum + line.length + 1, 0);
  }
  return `${lines.join('\n')}\n`;
}

/** The same text with one more block in its middle: what a commit does to a file. */
export function edited(random: Random, language: Language, text: string): string {
  const middle = text.indexOf('\n', text.length / 2) + 1;
  return `${text.slice(0, middle)}${language.block(random).join('\n')}\n${text.slice(middle)}`;
}
