import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTING_SCRIPTS, type RoutingScript } from '../../../src/core/kinds/gateway/routing/nginx-scripts.suite.ts';
import { Stack, whyNoEngine } from '../stack.ts';

const IMAGE = 'nginx:1.30-alpine';
const PORT = 18_080;
const reason = whyNoEngine([IMAGE]);
if (reason !== null) console.log(`SKIP engine: ${reason}`);
/** What nginx showed; `UPDATE=1` records anew. */
const GOLDEN = fileURLToPath(
  new URL('../../../src/core/kinds/gateway/routing/__golden__/nginx-1.30.6-routing.json', import.meta.url),
);

const MATCH = { exact: '= ', prefix: '', 'prefix-first': '^~ ', regex: '~ ' } as const;
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** One server per script, told apart by name; every location proxies to a server that answers with the location's id. */
function serverOf(script: RoutingScript, n: number): string {
  const locations = script.locations.map(
    ({ id, match, path }) =>
      `    location ${MATCH[match]}${quoted(path)} { proxy_set_header X-Id ${quoted(encodeURIComponent(id))}; proxy_pass http://127.0.0.1:8081; }`,
  );
  return `  server {\n    listen 8080; server_name s${n}; root /nowhere;\n${locations.join('\n')}\n  }`;
}
const CONF = `worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  server_names_hash_bucket_size 128;
  server { listen 127.0.0.1:8081; location / { default_type text/plain; return 200 $http_x_id; } }
${ROUTING_SCRIPTS.map(serverOf).join('\n')}
}
`;
const COMPOSE = `services:
  nginx:
    image: ${IMAGE}
    ports: ["127.0.0.1:${PORT}:8080"]
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
`;

/** One request with the target as it stands: no client library that tidies it. */
function ask(host: string, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(PORT, '127.0.0.1');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => {
      const status = /^HTTP\/1\.\d (\d+)/.exec(text)?.[1] ?? 'none';
      const location = /\r\nlocation: ([^\r]*)/i.exec(text)?.[1];
      const body = text.slice(text.indexOf('\r\n\r\n') + 4);
      if (status === '200') resolve(decodeURIComponent(body.trim()));
      else resolve(location === undefined ? status : `${status} ${location.replace(/^http:\/\/[^/]*/, '')}`);
    });
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

async function ready(): Promise<void> {
  const until = Date.now() + 30_000;
  // The engine's own proxy accepts before nginx listens.
  while ((await ask('s0', '/api/users').catch(() => 'none')) === 'none') {
    if (Date.now() > until) throw new Error('nginx did not come up within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe.skipIf(reason !== null)('routing against a real nginx', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = new Stack(
      new Map([
        ['compose.yaml', COMPOSE],
        ['nginx.conf', CONF],
      ]),
    );
    const up = stack.compose('up', '-d');
    if (up.status !== 0) throw new Error(up.stderr);
    await ready();
  });
  afterAll(() => stack.remove());

  test('all scripts show what is recorded', async () => {
    const shown: Record<string, Record<string, string>> = {};
    for (const [n, script] of ROUTING_SCRIPTS.entries()) {
      const answers: Record<string, string> = {};
      for (const target of script.targets) answers[target] = await ask(`s${n}`, target);
      shown[script.name] = answers;
    }
    if (process.env['UPDATE'] === '1') {
      mkdirSync(dirname(GOLDEN), { recursive: true });
      writeFileSync(GOLDEN, `${JSON.stringify(shown, null, 2)}\n`);
    }
    expect(shown).toEqual(JSON.parse(readFileSync(GOLDEN, 'utf8')));
  });
});
