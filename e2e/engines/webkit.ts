import { spawn, type ChildProcess } from 'node:child_process';
import type { Engine } from './engine.ts';
import { tabOver, type Command, type Send } from './webdriver.ts';

/** Wall ms that the driver may take to listen. */
const START_MS = 30_000;

type Method = 'GET' | 'POST' | 'DELETE';
/** Where the protocol has each command over HTTP, below the session. */
const ROUTES: Record<Command, [Method, string]> = {
  SetTimeouts: ['POST', '/timeouts'],
  SetWindowRect: ['POST', '/window/rect'],
  Navigate: ['POST', '/url'],
  Refresh: ['POST', '/refresh'],
  ExecuteAsyncScript: ['POST', '/execute/async'],
  FindElement: ['POST', '/element'],
  ElementClick: ['POST', '/element/{id}/click'],
  PerformActions: ['POST', '/actions'],
  TakeScreenshot: ['GET', '/screenshot'],
  DeleteSession: ['DELETE', ''],
};

interface Options {
  /** WebKitWebDriver. */
  path: string;
  /** Draws where there is no display; null where there is one. */
  xvfb: string | null;
  /** A free port of this machine's loopback, for the driver. */
  port: number;
}

/** WebKitGTK as it is installed, through its own driver: the W3C WebDriver protocol over HTTP. */
export async function openWebKit({ path, xvfb, port }: Options): Promise<Engine> {
  const processes: ChildProcess[] = [];
  const env = { ...process.env };
  if (xvfb !== null) {
    const { child, display } = await startDisplay(xvfb);
    processes.push(child);
    env['DISPLAY'] = display;
  }
  const driver = spawn(path, [`--port=${port}`, '--host=127.0.0.1'], { env, stdio: 'ignore' });
  processes.push(driver);
  const base = `http://127.0.0.1:${port}`;
  await listening(base);
  return {
    deaf: 'WebKitGTK under its driver tells nobody what its console says',
    async open() {
      const { sessionId } = await ask<{ sessionId: string }>('POST', `${base}/session`, { capabilities: {} });
      const send: Send = (command, parameters = {}) => {
        const [method, route] = ROUTES[command];
        const below = route.replace('{id}', String(parameters['id']));
        return ask(method, `${base}/session/${sessionId}${below}`, parameters);
      };
      return tabOver(send, [], () => send('DeleteSession'));
    },
    async close() {
      for (const child of processes) child.kill();
    },
  };
}

/** A display of its own; Xvfb writes its number to the third file once it is ready. */
async function startDisplay(xvfb: string): Promise<{ child: ChildProcess; display: string }> {
  const args = ['-displayfd', '3', '-screen', '0', '1600x1100x24', '-nolisten', 'tcp'];
  const child = spawn(xvfb, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const number = await new Promise<string>((resolve, reject) => {
    child.stdio[3]?.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('exit', (code) => reject(new Error(`Failed to start ${xvfb}: it ended with ${code}`)));
    child.once('error', reject);
  });
  return { child, display: `:${number}` };
}

async function ask<T>(method: Method, url: string, body: object = {}): Promise<T> {
  const response = await fetch(url, { method, ...(method === 'POST' && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`Failed to ${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}

async function listening(base: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      await ask('GET', `${base}/status`);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
  }
}
