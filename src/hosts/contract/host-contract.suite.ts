import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTRACT_CASES } from './contract-cases.ts';
import type { HostUnderTest } from './contract-tools.ts';
import { workshop } from './workshop.ts';

/** Runs the contract of all hosts on one of them, in vitest. */
export function hostContract(name: string, createHost: () => HostUnderTest): void {
  describe(`host contract: ${name}`, () => {
    const host = createHost();
    beforeAll(() => host.start(workshop()));
    afterAll(() => host.stop());
    for (const one of CONTRACT_CASES) test(one.name, () => one.run(host, expect));
  });
}
