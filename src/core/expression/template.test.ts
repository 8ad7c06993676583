import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import { LIMITS } from './environment.ts';
import { compileTemplate } from './template.ts';
import type { Intrinsics, Scope } from './types.ts';

const intrinsics: Intrinsics = {
  now: () => '2026-01-01T00:00:00.000Z',
  random: () => 0.5,
  uuid: () => '00000000-0000-4000-8000-000000000001',
};
const order = {
  id: 'o-1',
  qty: 2,
  total: 25.5,
  status: 'PENDING',
  note: null,
  items: [
    { productId: 'p-1', qty: 3 },
    { productId: 'p-2', qty: 1 },
  ],
};
const scope: Scope = { order, config: { declineRate: 0.08, names: ['ada', 'bo'] }, name: 'Ada' };

function evaluate(value: Json, given: Scope = scope): unknown {
  const template = compileTemplate(value);
  if (!template.ok) return `${template.error.code}: ${template.error.message}`;
  const result = template.value.evaluate(given, intrinsics);
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
}

describe('compileTemplate', () => {
  it.each<[Json, Json]>([
    ['${ order.qty + 1 }', 3],
    ['${ 1/2 }', 0.5],
    ['${ 7 % 3 }', 1],
    ['${ size(order.items) > 0 }', true],
    ['${ order.items[0].qty * 2 }', 6],
    ['${ order.items[1]["productId"] }', 'p-2'],
    ['${ order.items.map(i, i.qty) }', [3, 1]],
    ['${ order.items.map(i, i.qty > 1, i.productId) }', ['p-1']],
    ['${ order.items.filter(i, i.qty > 1).size() }', 1],
    ['${ order.items.all(i, i.qty > 0) && order.items.exists(i, i.qty == 3) }', true],
    ['${ order.items.exists_one(i, i.qty == 3) }', true],
    ['${ sum(order.items.map(i, i.qty)) }', 4],
    ['${ cel.bind(n, order.qty, n * n) }', 4],
    ['${ has(order.total) && !has(order.missing) }', true],
    ['${ order.note == null }', true],
    ['${ order == null }', false],
    ['${ order.status in ["PENDING", "PAID"] }', true],
    ['${ "qty" in order }', true],
    ['${ "n" + string(3) }', 'n3'],
    ['${ order.qty > 1 ? "many" : "one" }', 'many'],
    ['${ {"a": {"b": [1, 2]}} }', { a: { b: [1, 2] } }],
    ['${ "}" + \'{\' }', '}{'],
    ['${ r"\\d" }', '\\d'],
    ['order ${ order.id } of ${ order.qty }: ${ order.note } ${ [1, "x"] }', 'order o-1 of 2: null [1,"x"]'],
    ['costs $${ 5 }', 'costs ${ 5 }'],
    ['no expression', 'no expression'],
    ['', ''],
    [
      { id: '${ uuid() }', at: '${ now() }', keep: [1, null, true] },
      { id: '00000000-0000-4000-8000-000000000001', at: '2026-01-01T00:00:00.000Z', keep: [1, null, true] },
    ],
    ['${ random() < config.declineRate }', false],
    ['${ randomInt(1, 6) }', 4],
    ['${ pick(config.names) }', 'bo'],
    [
      '${ [min(3, 1, 2), max([3, 1, 2]), abs(-4), floor(1.9), ceil(1.1), round(2.5), round(1.005 * 100, 1)] }',
      [1, 3, 4, 1, 2, 3, 100.5],
    ],
    ['${ [int("42"), double("1.5"), bool("true"), type(1), type([])] }', [42, 1.5, true, 'number', 'list']],
    ['${ "Hello".lowerAscii() + "b".upperAscii() + " x ".trim() }', 'helloBx'],
    ['${ "a,b,c".split(",", 2) }', ['a', 'b,c']],
    ['${ ["a", "b"].join("-") + "abc".substring(1, 2) + "aXa".replace("a", "b") }', 'a-bbbXb'],
    ['${ "héllo".size() + "hello".indexOf("l") }', 7],
    ['${ false && order.missing == 1 }', false],
    ['${ order.missing == 1 || true }', true],
    ['${ range(3).map(i, i * i) }', [0, 1, 4]],
    ['${ order.map(k, k) }', ['id', 'items', 'note', 'qty', 'status', 'total']],
    ['${ 0 * -1 }', 0],
    ['${ 9007199254740993 + 0u }', 9007199254740992],
  ])('%j gives %j', (value, expected) => {
    const result = evaluate(value);
    expect(result).toEqual(expected);
    if (expected === 0) expect(Object.is(result, 0)).toBe(true);
  });

  it.each([
    [
      '${ order.totl }',
      'EXPRESSION_FAILED: Failed to evaluate ${ order.totl }: order has no key "totl"; it has id, items, note, qty, status, total',
    ],
    [
      '${ order.Total }',
      'EXPRESSION_FAILED: Failed to evaluate ${ order.Total }: order has no key "Total"; did you mean "total"?',
    ],
    [
      '${ order.note.text }',
      'EXPRESSION_FAILED: Failed to evaluate ${ order.note.text }: cannot read "text" of order.note: it is null',
    ],
    [
      '${ order.items[5] }',
      'EXPRESSION_FAILED: Failed to evaluate ${ order.items[5] }: order.items has no index 5 (it has 2 elements)',
    ],
    [
      '${ nobody }',
      'EXPRESSION_FAILED: Failed to evaluate ${ nobody }: "nobody" is not known here; known: config, name, order',
    ],
    [
      '${ order.qty < "3" }',
      'EXPRESSION_FAILED: Failed to evaluate ${ order.qty < "3" }: cannot compare number with string',
    ],
    [
      '${ "n" + 3 }',
      'EXPRESSION_FAILED: Failed to evaluate ${ "n" + 3 }: cannot add string and number: turn the value into text with string()',
    ],
    ['${ 1/0 }', 'VALUE_NOT_JSON: the result is Infinity, which JSON cannot hold (was something divided by 0?)'],
    ['${ 0/0 }', 'VALUE_NOT_JSON: the result is NaN, which JSON cannot hold (was something divided by 0?)'],
    ['${ 1 + }', 'EXPRESSION_FAILED: Failed to read ${ 1 + }: Unexpected token: EOF at character 4'],
    ['${ foo(1) }', 'EXPRESSION_FAILED: Failed to read ${ foo(1) }: there is no function foo()'],
    ['${ size() }', 'EXPRESSION_FAILED: Failed to read ${ size() }: size() got the wrong number of arguments'],
    ['${ "a".matches("b") }', 'EXPRESSION_FAILED: Failed to read ${ "a".matches("b") }: there is no method matches()'],
    ['a ${ b', 'EXPRESSION_FAILED: Failed to read "a ${ b": "${" is not closed by "}"'],
    [
      '${ constructor }',
      'EXPRESSION_FAILED: Failed to evaluate ${ constructor }: "constructor" is not known here; known: config, name, order',
    ],
    [
      '${ order.constructor }',
      'EXPRESSION_FAILED: Failed to evaluate ${ order.constructor }: order has no key "constructor"; it has id, items, note, qty, status, total',
    ],
    [
      '${ order.items.toString() }',
      'EXPRESSION_FAILED: Failed to read ${ order.items.toString() }: there is no method toString()',
    ],
    ['${ !order.qty }', 'EXPRESSION_FAILED: Failed to evaluate ${ !order.qty }: "!" needs true or false, not number'],
  ])('%s fails in words', (value, expected) => {
    expect(evaluate(value)).toBe(expected);
  });

  it('counts its limits', () => {
    expect(evaluate('${ range(1000).map(i, i).size() }')).toBe(1000);
    expect(evaluate('${ range(500).map(i, i).map(i, i).filter(i, true) }')).toBe(
      `EXPRESSION_LIMIT: Failed to evaluate \${ range(500).map(i, i).map(i, i).filter(i, true) }: more than ${LIMITS.macroRounds} rounds of list macros`,
    );
    expect(evaluate(`\${ ${'1+'.repeat(1_000)}1 }`)).toContain('EXPRESSION_LIMIT');
    // Doubling by bind: 2^30 characters if it were not stopped.
    const doubling = Array.from({ length: 30 })
      .reduce<string>((body, _, index) => `cel.bind(a${29 - index}, a${28 - index} + a${28 - index}, ${body})`, 'a29')
      .replace(/a-1/g, 'name');
    expect(evaluate(`\${ ${doubling} }`)).toContain('EXPRESSION_LIMIT');
    let deep: Json = [];
    for (let index = 0; index < 5_000; index += 1) deep = [deep];
    expect(evaluate('${ deep }', { deep })).toContain('EXPRESSION_LIMIT');
    expect(evaluate('${ deep == [deep] }', { deep })).toContain('EXPRESSION_LIMIT');
    expect(evaluate('${ json(deep) }', { deep })).toContain('EXPRESSION_LIMIT');
  });

  it('names the free names, not the bound ones', () => {
    const template = compileTemplate({
      a: '${ list.map(x, x + y) }',
      b: ['${ request.body }', '${ cel.bind(z, 1, z) }'],
    });
    expect(template.ok && template.value.names).toEqual(['list', 'request', 'y']);
  });

  it('gives a fresh value each time and keeps __proto__ an ordinary key', () => {
    const template = compileTemplate({ list: [1], body: '${ body }' });
    if (!template.ok) throw new Error(template.error.message);
    const body = JSON.parse('{"__proto__": {"x": 1}}') as Json;
    const first = template.value.evaluate({ body }, intrinsics);
    const second = template.value.evaluate({ body }, intrinsics);
    expect(first).toEqual(second);
    if (!first.ok || !second.ok) throw new Error('failed');
    expect(first.value).not.toBe(second.value);
    expect(JSON.stringify(first.value)).toBe('{"list":[1],"body":{"__proto__":{"x":1}}}');
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('replaces lone surrogates', () => {
    expect(evaluate('${ text }', { text: 'a\ud800b\udc00c\ud83d\ude00' })).toBe('a\ufffdb\ufffdc\ud83d\ude00');
  });
});
