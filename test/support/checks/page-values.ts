/** Names in the commands of pages that a reader puts something for. */
export const placeholders = [
  'ALIAS',
  'BRANCH',
  'ID',
  'JOB',
  'NAME',
  'NAMESPACE',
  'REPOSITORY',
  'TEXT',
  'UID',
  'URL',
  'USER',
  'WORDS',
] as const;

export type PageValues = Readonly<Record<(typeof placeholders)[number], string>>;
