import { expect, test } from 'vitest';
import { possibleKinds, type Wiring } from './new-step.ts';
import { STEP_KINDS } from './step-forms.ts';

const bare: Wiring = { stores: [], services: [], brokers: [], issuesTokens: false };
const offered = (wiring: Wiring, answers: Parameters<typeof possibleKinds>[2]) => [
  ...possibleKinds(wiring, STEP_KINDS, answers),
];

test('a handler is offered the steps that its way to answer knows', () => {
  const answering = (['http', 'message', 'unary', 'stream'] as const).map((answers) =>
    offered(bare, answers).filter((kind) => kind === 'respond' || kind === 'send'),
  );
  expect(answering).toEqual([['respond'], [], ['respond'], ['send']]);
});

test('a service is offered the steps that its links allow', () => {
  expect(offered(bare, 'http')).not.toContain('call');
  expect(offered({ ...bare, services: ['peer'] }, 'http')).toContain('call');
  expect(offered({ ...bare, brokers: ['broker'] }, 'http')).toContain('publish');
  expect(offered({ ...bare, stores: ['db'] }, 'http')).toEqual(expect.arrayContaining(['insert', 'transaction']));
  expect(offered({ ...bare, issuesTokens: true }, 'http')).toEqual(expect.arrayContaining(['token', 'jwks']));
});
