import { describe, expect, it } from '@jest/globals';
import { chartValues, describedSchema, valuesTable } from '../../../src/api/chart-values.ts';

const yaml = `# About the whole file.

image:
  repository: reindeer.dev/reindeer
  # Empty: the chart's
  # own version.
  tag: ""
# Of the pod.
resources:
  requests: {cpu: 50m}
  limits: {memory: 512Mi}

names: []
`;

describe('the values of the chart', () => {
  it('are read with the comment above each, a map without one inside as one value', () => {
    expect(chartValues(yaml)).toEqual([
      { path: ['image'], text: '', fallback: undefined },
      { path: ['image', 'repository'], text: '', fallback: 'reindeer.dev/reindeer' },
      { path: ['image', 'tag'], text: "Empty: the chart's own version.", fallback: '""' },
      { path: ['resources'], text: 'Of the pod.', fallback: '{requests: {cpu: 50m}, limits: {memory: 512Mi}}' },
      { path: ['names'], text: '', fallback: '[]' },
    ]);
  });

  it('are a table, one row each', () => {
    expect(valuesTable(chartValues(yaml)).split('\n')).toContain(
      '| `image.tag` | `""` | Empty: the chart\'s own version. |',
    );
  });

  it('lend their words to the schema, where it has a node for them', () => {
    const schema = '{"properties":{"image":{"properties":{"tag":{"type":"string"}}},"resources":{"$ref":"#/x"}}}';
    expect(JSON.parse(describedSchema(schema, chartValues(yaml)))).toEqual({
      properties: {
        image: { properties: { tag: { type: 'string', description: "Empty: the chart's own version." } } },
        resources: { $ref: '#/x', description: 'Of the pod.' },
      },
    });
  });
});
