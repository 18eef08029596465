import type { Dialect } from '../dialect.ts';

/** Every answer of Elasticsearch since 7.14 names its product in a header; OpenSearch and proxies do not. */
export const elasticsearch: Dialect = {
  type: 'Elasticsearch',
  supported: [
    { major: 8, minor: 0 },
    { major: 9, minor: 0 },
  ],
  recognises: reply => reply.headers['x-elastic-product'] === 'Elasticsearch',
  can: { openPit: true, preferPrimary: false },
};
