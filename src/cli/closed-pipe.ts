import type { Writable } from 'node:stream';

/** Lets a reader that has seen enough (`servarium schema | head`) close the pipe: that is no mistake. Every other error is thrown. */
export function allowClosedPipe(stream: Writable): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
