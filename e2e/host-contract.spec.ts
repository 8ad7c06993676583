import { expect, test, type Page } from '@playwright/test';
import type { InputBody } from '../src/core/fabric/input.ts';
import { CONTRACT_CASES } from '../src/hosts/contract/contract-cases.ts';
import type { HostUnderTest } from '../src/hosts/contract/contract-tools.ts';
import { callByHand, rpcAnswer, type RpcAnswer, scaling } from '../src/hosts/contract/rpc-answer.ts';
import { workshop } from '../src/hosts/contract/workshop.ts';
import { events, now, openRun, reach } from './servarium-page.ts';

/** Virtual time after which everything that was under way has ended, µs. */
const SETTLE_US = 200_000;

/** The tab as a host: real workers, requests by the automation interface, rows as IndexedDB has them. */
function tabHost(page: Page): HostUnderTest {
  let calls = 0;
  const inject = async (input: InputBody): Promise<void> => {
    const text = JSON.stringify(input);
    expect(
      await page.evaluate(async (text) => (await window.servarium.inject(JSON.parse(text) as InputBody)).ok, text),
    ).toBe(true);
  };
  return {
    async start(document) {
      await openRun(page, document, { seed: document.seed, speed: 10 });
      await reach(page, SETTLE_US);
    },
    request: (node, request) =>
      page.evaluate(([to, what]) => window.servarium.send(to, what), [node, request] as const),
    async call(client, path, message) {
      await inject(callByHand(client, path, message));
      calls += 1;
      let answer: RpcAnswer | null = null;
      for (let round = 0; answer === null && round < 40; round++) {
        await reach(page, (await now(page)) + SETTLE_US);
        answer = rpcAnswer(await events(page), `${client}#0`, calls);
      }
      if (answer === null) throw new Error('no answer');
      return answer;
    },
    async scale(service, replicas) {
      await inject({ kind: 'topology.apply', diff: scaling(service, replicas) });
    },
    async rows(store) {
      await reach(page, (await now(page)) + SETTLE_US);
      return page.evaluate((id) => window.servarium.stored(id), store);
    },
    stop: () => page.evaluate(() => window.servarium.stop()),
  };
}

test('host contract: the tab keeps every promise of the other hosts', async ({ page }) => {
  const host = tabHost(page);
  await host.start(workshop());
  for (const one of CONTRACT_CASES) await test.step(one.name, () => one.run(host, expect));
  await host.stop();
});
