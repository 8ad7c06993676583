import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, Tab } from './engine.ts';
import { tabOver, type Send } from './webdriver.ts';

/** Wall ms that Firefox may take to listen. */
const START_MS = 60_000;
/** What the console or an uncaught error says; `RSLoader` is Firefox itself, which may not ask for its settings here. */
const SAID = /^(console\.(error|warn): (?!RSLoader)|JavaScript (error|warning): http)/;
/** A profile that asks nobody for anything, listens on a port of its choice and says on its output what the console says. */
const PREFERENCES = {
  'marionette.port': 0,
  'devtools.console.stdout.content': true,
  'devtools.console.stdout.chrome': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/**
 * Firefox as it is installed, without a driver beside it: it speaks the commands of the W3C WebDriver protocol itself,
 * over its remote protocol Marionette. Every tab is a process with a profile of its own.
 */
export async function openFirefox(path: string): Promise<Engine> {
  const open: Tab[] = [];
  return {
    deaf: null,
    async open() {
      const tab = await openTab(path);
      open.push(tab);
      return tab;
    },
    async close() {
      await Promise.all(open.map((tab) => tab.close()));
    },
  };
}

async function openTab(path: string): Promise<Tab> {
  const profile = mkdtempSync(join(tmpdir(), 'servarium-firefox-'));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const child = spawn(path, ['--headless', '--marionette', '--no-remote', '--profile', profile], {
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard: string[] = [];
  const hear = (data: Buffer): void => {
    for (const line of data.toString().split('\n')) if (SAID.test(line)) heard.push(line);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const command = speak(await connected(profile));
    await command('WebDriver:NewSession', {});
    const send: Send = async <T>(name: string, parameters = {}) => {
      const answer = await command(`WebDriver:${name}`, parameters);
      return (answer !== null && typeof answer === 'object' && 'value' in answer ? answer.value : answer) as T;
    };
    return await tabOver(send, heard, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** The socket of the port that Firefox has chosen: it notes the number in its profile once it listens. */
async function connected(profile: string): Promise<Socket> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      const port = Number(readFileSync(join(profile, 'MarionetteActivePort'), 'utf8'));
      return await new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
      });
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
  }
}

/** Marionette's frames: the length in bytes, a colon, JSON; `[0, id, command, parameters]` asks, `[1, id, error, answer]` answers. */
function speak(socket: Socket): (command: string, parameters: object) => Promise<unknown> {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let received = Buffer.alloc(0);
  let last = 0;
  socket.on('data', (data) => {
    received = Buffer.concat([received, data]);
    for (;;) {
      const colon = received.indexOf(':');
      const length = Number(received.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || received.length < colon + 1 + length) return;
      const frame: unknown = JSON.parse(received.subarray(colon + 1, colon + 1 + length).toString());
      received = received.subarray(colon + 1 + length);
      // The first frame is a greeting.
      if (!Array.isArray(frame)) continue;
      const [, id, error, answer] = frame as [number, number, { error: string; message: string } | null, unknown];
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error === null) asked?.resolve(answer);
      else asked?.reject(new Error(`${error.error}: ${error.message}`));
    }
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Failed to ask Firefox: it has gone'));
  });
  return (command, parameters) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      const body = Buffer.from(JSON.stringify([0, id, command, parameters]));
      socket.write(Buffer.concat([Buffer.from(`${body.length}:`), body]));
    });
}
