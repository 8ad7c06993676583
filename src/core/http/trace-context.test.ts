import { describe, expect, it } from 'vitest';
import { extractTrace, formatTraceparent, injectTrace, parseTraceparent } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('OB1 W3C trace context', () => {
  it.each([
    ['valid', `00-${traceId}-${spanId}-01`, true],
    ['not sampled', `00-${traceId}-${spanId}-00`, true],
    ['surrounding blanks', ` 00-${traceId}-${spanId}-01\t`, true],
    ['future version by prefix', `cc-${traceId}-${spanId}-01-what-the-future`, true],
    ['future version without more', `cc-${traceId}-${spanId}-01`, true],
    ['future version, no dash', `cc-${traceId}-${spanId}-01.what`, false],
    ['version ff', `ff-${traceId}-${spanId}-01`, false],
    ['version 00 with more', `00-${traceId}-${spanId}-01-what`, false],
    ['zero trace id', `00-${'0'.repeat(32)}-${spanId}-01`, false],
    ['zero span id', `00-${traceId}-${'0'.repeat(16)}-01`, false],
    ['upper case', `00-${traceId.toUpperCase()}-${spanId}-01`, false],
    ['short trace id', `00-${traceId.slice(1)}-${spanId}-01`, false],
    ['illegal character', `00-${traceId.slice(1)}.-${spanId}-01`, false],
    ['no flags', `00-${traceId}-${spanId}`, false],
    ['empty', '', false],
  ])('%s', (_, text, valid) => {
    expect(parseTraceparent(text)).toEqual(
      valid ? { traceId, spanId, flags: text.includes('-00') ? '00' : '01' } : null,
    );
  });

  it.each([
    ['00', '00'],
    ['01', '01'],
    ['02', '02'],
    ['03', '03'],
    ['ff', '03'],
    ['fc', '00'],
  ])('keeps the flags that are defined, %s as %s', (given, sent) => {
    const trace = extractTrace({ traceparent: `00-${traceId}-${spanId}-${given}` });
    expect(injectTrace({}, trace)).toEqual({ traceparent: `00-${traceId}-${spanId}-${sent}` });
  });

  const z = 'z'.repeat(256);
  const many = (count: number): string => Array.from({ length: count }, (_, n) => `k${n}=${n}`).join(',');
  it.each([
    ['order kept over several headers', { tracestate: 'foo=1 , \tbar=2', Tracestate: 'baz=3' }, 'baz=3,foo=1,bar=2'],
    ['an empty member counts for nothing', { tracestate: 'foo=1,,bar=2,' }, 'foo=1,bar=2'],
    ['empty', { tracestate: '' }, null],
    ['duplicates stay', { tracestate: 'foo=1,foo=2' }, 'foo=1,foo=2'],
    ['32 members', { tracestate: many(32) }, many(32)],
    ['33 members', { tracestate: many(33) }, null],
    ['a key of 256', { tracestate: `${z}=1` }, `${z}=1`],
    ['a key of 257', { tracestate: `foo=1,z${z}=1` }, null],
    ['a tenant', { tracestate: '1a@b=1' }, '1a@b=1'],
    ['a key that begins with @', { tracestate: '@foo=1,bar=2' }, null],
    ['an upper case key', { tracestate: 'FOO=1' }, null],
    ['a blank in a key', { tracestate: 'foo =1' }, null],
    ['an equals sign in a value', { tracestate: 'foo=bar=baz' }, null],
    ['no value', { tracestate: 'foo=,bar=3' }, null],
    ['no equals sign', { tracestate: 'foo' }, null],
  ])('tracestate: %s', (_, headers: Record<string, string>, sent) => {
    const trace = extractTrace({ traceparent: `00-${traceId}-${spanId}-01`, ...headers });
    expect(injectTrace(headers, trace)['tracestate'] ?? null).toBe(sent);
  });

  it('drops a tracestate that came without a valid traceparent', () => {
    expect(extractTrace({ tracestate: 'foo=1' })).toBe(null);
  });

  it('takes a duplicate header for none, in one value or two spellings', () => {
    const parent = formatTraceparent({ traceId, spanId });
    expect(extractTrace({ traceparent: `${parent}, ${parent}` })).toBe(null);
    expect(extractTrace({ traceparent: parent, Traceparent: parent })).toBe(null);
    expect(extractTrace({ TraceParent: parent })).toEqual({ traceId, spanId });
  });

  it('carries the saga in baggage, encodes it and keeps foreign members', () => {
    const saga = { name: 'order, 2=b', direction: 'compensation' } as const;
    const headers = injectTrace({ Baggage: 'user=7;ttl=1,saga.name=old', 'x-a': '1' }, { traceId, spanId, saga });
    expect(headers).toEqual({
      'x-a': '1',
      traceparent: `00-${traceId}-${spanId}-01`,
      baggage: 'user=7;ttl=1,saga.name=order%2C%202%3Db,saga.direction=compensation',
    });
    expect(extractTrace(headers)).toEqual({ traceId, spanId, saga });
  });

  it('reads the documented form and ignores a direction that it does not know', () => {
    const traceparent = formatTraceparent({ traceId, spanId });
    const baggage = 'saga.name=order,saga.direction=compensation';
    expect(extractTrace({ traceparent, baggage })).toEqual({
      traceId,
      spanId,
      saga: { name: 'order', direction: 'compensation' },
    });
    expect(extractTrace({ traceparent, baggage: 'saga.name=order,saga.direction=up' })).toEqual({ traceId, spanId });
    expect(injectTrace({ 'x-a': '1' }, null)).toEqual({ 'x-a': '1' });
  });
});
