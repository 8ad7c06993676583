import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('the third-party notices are those of the lock', () => {
  const run = spawnSync(process.execPath, ['scripts/notices.mjs', '--check'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});
