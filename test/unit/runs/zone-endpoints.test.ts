import { describe, expect, it } from '@jest/globals';
import { endpointsAt } from '../../../src/runs/zone-endpoints.ts';
import { aZoneNode } from '../../support/objects/a-zone.ts';

const node = aZoneNode('spare-1', { http: '10.0.0.3:9200' });

describe('endpoints of nodes', () => {
  it.each([
    ['by the address', 'http://10.0.0.3:9200', true],
    ['by the name', 'https://spare-1:9200', true],
    ['by the first part of a host', 'https://spare-1.spare.search.svc:9200', true],
    ['not at another port', 'https://spare-1:9201', false],
    ['not without the port, which is another one', 'https://spare-1', false],
    ['not a Service before all of them', 'https://es-http.search.svc:9200', false],
    ['not a name that only begins so', 'https://spare-10.search.svc:9200', false],
  ])('%s', (_row, endpoint, isOne) => {
    expect(endpointsAt([node], [endpoint])).toEqual(isOne ? [endpoint] : []);
  });

  it('has none of a node that does not speak HTTP, and knows the usual ports', () => {
    expect(endpointsAt([aZoneNode('spare-1', { http: undefined })], ['http://10.0.0.3:9200'])).toEqual([]);
    expect(endpointsAt([aZoneNode('spare-1', { http: '10.0.0.3:443' })], ['https://spare-1'])).toEqual([
      'https://spare-1',
    ]);
  });
});
