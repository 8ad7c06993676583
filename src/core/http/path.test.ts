import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, formatQuery, matchEndpoint, matchTemplate, splitTarget } from './path.ts';

describe('path templates', () => {
  it.each([
    ['/api/orders/{id}', '/api/orders/42', { id: '42' }],
    ['/api/orders/{id}', '/api/orders/a%2Fb%20c', { id: 'a/b c' }],
    ['/api/orders/{id}', '/api/orders/', null],
    ['/api/orders/{id}', '/api/orders/1/x', null],
    ['/api/orders', '/api/orders', {}],
    ['/api/orders', '/api/orders/', null],
    ['/api/orders', '/API/orders', null],
    ['/api/users', '/api/%75sers', {}],
    ['/{a}/x/{b}', '/1/x/2', { a: '1', b: '2' }],
    ['/', '/', {}],
    ['/{a}', '/%zz', { a: '%zz' }],
  ])('%s against %s', (template, path, expected) => {
    expect(matchTemplate(template, path)).toEqual(expected);
  });

  it('fills what it matches back, for any value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
        const path = fillTemplate('/api/{id}/x', { id: value });
        expect(path === null ? null : matchTemplate('/api/{id}/x', path)).toEqual({ id: value });
      }),
    );
    expect(fillTemplate('/api/{id}', {})).toBe(null);
  });

  it('splits a target and decodes the query; the first of a repeated name counts', () => {
    expect(splitTarget('/a?id=1&x=a+b%26&id=2&flag&=e#f')).toEqual({
      path: '/a',
      query: { id: '1', x: 'a b&', flag: '', '': 'e' },
    });
    expect(splitTarget('/a')).toEqual({ path: '/a', query: {} });
    const query = splitTarget('/a?__proto__=1').query;
    expect(Object.keys(query)).toEqual(['__proto__']);
  });

  it('formats a query that splits back', () => {
    const dictionary = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(dictionary, (query) => {
        expect(new Map(Object.entries(splitTarget(`/a${formatQuery(query)}`).query))).toEqual(
          new Map(Object.entries(query)),
        );
      }),
    );
  });
});

describe('endpoint choice', () => {
  const endpoints = [
    { id: 'one', method: 'GET', path: '/api/orders/{id}' },
    { id: 'details', method: 'GET', path: '/api/orders/details' },
    { id: 'create', method: 'POST', path: '/api/orders' },
    { id: 'drop', method: 'DELETE', path: '/api/orders/{id}' },
  ];
  it('prefers a literal segment over a parameter, whatever the order', () => {
    expect(matchEndpoint(endpoints, 'GET', '/api/orders/details')).toMatchObject({ endpoint: { id: 'details' } });
    expect(matchEndpoint(endpoints, 'GET', '/api/orders/7')).toMatchObject({
      endpoint: { id: 'one' },
      params: { id: '7' },
    });
  });
  it('tells 404 from 405 and lists the methods', () => {
    expect(matchEndpoint(endpoints, 'GET', '/api/nothing')).toEqual({ ok: false, status: 404 });
    expect(matchEndpoint(endpoints, 'PUT', '/api/orders/7')).toEqual({
      ok: false,
      status: 405,
      allow: ['DELETE', 'GET'],
    });
  });
});
