import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { changeLinkKind } from './link-kind.ts';
import { parseDocument, validateDocument } from '../check/validate.ts';

const saga = (() => {
  const parsed = parseDocument(
    readFileSync(new URL('../../../../public/examples/order-saga.json', import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error('the example is broken');
  return parsed.value;
})();

test('a call between services changes its protocol and back; id and latency stay, the document stays sound', () => {
  const [id, link] =
    Object.entries(saga.links).find(
      ([, { kind, from, to }]) =>
        kind === 'http' && saga.nodes[from.node]?.kind === 'service' && saga.nodes[to.node]?.kind === 'service',
    ) ?? [];
  if (id === undefined || link === undefined) throw new Error('no call in the example');
  const over = changeLinkKind(saga, id, 'grpc');
  if (!over.ok) throw new Error(over.error[0]?.message);
  expect(over.value.document.links[id]).toEqual({ ...link, kind: 'grpc' });
  expect(validateDocument(over.value.document).filter((problem) => problem.severity === 'error')).toEqual([]);
  expect(JSON.stringify(over.value.document.nodes[link.to.node])).toContain('"proto"');
  const back = changeLinkKind(over.value.document, id, 'http');
  expect(back.ok && back.value.document.links[id]).toEqual(link);
});

test('a protocol that cannot join the two is refused, the same one changes nothing', () => {
  const [id = ''] = Object.entries(saga.links).find(([, { kind }]) => kind === 'publish') ?? [];
  expect(changeLinkKind(saga, id, 'grpc')).toMatchObject({ ok: false, error: [{ code: 'LINK_KIND_NOT_BETWEEN' }] });
  expect(changeLinkKind(saga, id, 'publish')).toMatchObject({ ok: true, value: { document: saga } });
});
