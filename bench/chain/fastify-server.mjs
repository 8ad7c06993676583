// One process of the peer: gateway, front or back, each on Fastify with a keep-alive agent to the next one.
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import Fastify from 'fastify';
import { item } from './document.mjs';

const { values } = parseArgs({ options: { role: { type: 'string' }, next: { type: 'string' } } });
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Status and body of a GET to the next process. */
function ask(path) {
  return new Promise((done, fail) => {
    const sent = request({ agent, host: '127.0.0.1', port: Number(values.next), path }, (reply) => {
      let body = '';
      reply.setEncoding('utf8');
      reply.on('data', (piece) => (body += piece));
      reply.on('end', () => done({ status: reply.statusCode, body }));
    });
    sent.on('error', fail);
    sent.end();
  });
}

const app = Fastify();
app.get('/api/items/:id', async (incoming, reply) => {
  if (values.role === 'back') return item(incoming.params.id);
  const { status, body } = await ask(`/api/items/${incoming.params.id}`);
  // The gateway passes the text on; the service in the middle reads it and writes it again, as ours does.
  if (values.role === 'gateway') return reply.code(status).type('application/json').send(body);
  return JSON.parse(body);
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000 });
});
process.send({ port: app.server.address().port });
