import { spawn, type ChildProcess } from 'node:child_process';

/** The built site below a path, on a server that a test may stop. */
export interface Site {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A server of dist/ on this port of the loopback; it does not listen yet. */
export function siteOn(port: number): Site {
  let server: ChildProcess | null = null;
  return {
    url: `http://127.0.0.1:${port}/org/repo/`,
    async start() {
      const started = spawn(process.execPath, ['scripts/serve.mjs', String(port), '/org/repo/', 'dist'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      server = started;
      await new Promise<void>((resolve, reject) => {
        // It prints its address once it listens.
        started.stdout.once('data', () => resolve());
        started.once('exit', (code) => reject(new Error(`Failed to serve the site: the server ended with ${code}`)));
      });
    },
    async stop() {
      const stopping = server;
      server = null;
      if (stopping === null || stopping.exitCode !== null) return;
      const ended = new Promise((resolve) => stopping.once('exit', resolve));
      stopping.kill();
      await ended;
    },
  };
}
