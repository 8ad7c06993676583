import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { allowClosedPipe } from './closed-pipe.ts';

test('a pipe that its reader closes early is no error, any other failure is', async () => {
  const head = spawn('head', ['-c', '200'], { stdio: ['pipe', 'ignore', 'ignore'] });
  allowClosedPipe(head.stdin);
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => void head.stdin.on('error', resolve));
  head.stdin.write('x'.repeat(1 << 20));
  await once(head, 'exit');
  head.stdin.write('more');
  expect((await failed).code).toBe('EPIPE');

  const full = new PassThrough();
  allowClosedPipe(full);
  expect(() => full.emit('error', Object.assign(new Error('no space'), { code: 'ENOSPC' }))).toThrow('no space');
});
