import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./fastify-server.mjs', import.meta.url));
const message = (child) => new Promise((done) => child.once('message', done));

/** Three Fastify processes in a chain, ready to be driven. */
export async function startPeer() {
  const children = [];
  let next = 0;
  for (const role of ['back', 'front', 'gateway']) {
    const child = fork(SERVER, ['--role', role, '--next', String(next)], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    children.push(child);
    next = (await message(child)).port;
  }
  const cpu = async () => {
    let sum = 0;
    for (const child of children) {
      const answer = message(child);
      child.send('cpu');
      sum += (await answer).cpuMs;
    }
    return sum;
  };
  return {
    /** Closed loop with so many requests in flight for so long: requests/s counted over the whole time, CPU of the three servers per request. */
    async drive(inFlight, ms) {
      const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
      const cpuBefore = await cpu();
      const begun = performance.now();
      let done = 0;
      const one = () =>
        new Promise((settle, fail) => {
          const sent = request({ agent, host: '127.0.0.1', port: next, path: '/api/items/42' }, (reply) => {
            if (reply.statusCode !== 200) fail(new Error(`the peer answered ${reply.statusCode}`));
            reply.resume();
            reply.on('end', settle);
          });
          sent.on('error', fail);
          sent.end();
        });
      const loop = async () => {
        while (performance.now() - begun < ms) {
          await one();
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, loop));
      const seconds = (performance.now() - begun) / 1000;
      agent.destroy();
      return { perSecond: done / seconds, cpuUs: (((await cpu()) - cpuBefore) * 1000) / done };
    },
    stop: () => children.forEach((child) => child.kill()),
  };
}
