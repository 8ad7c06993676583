// Answers the health check of the export: exit status 0 when the server accepts connections at --host.
import { createConnection } from 'node:net';

const args = process.argv.slice(2);
const host = args.includes('--host') ? args[args.indexOf('--host') + 1] : '127.0.0.1';
const socket = createConnection({ host, port: 27017, timeout: 2000 }, () => {
  console.log(1);
  process.exit(0);
});
socket.on('error', () => process.exit(1));
socket.on('timeout', () => process.exit(1));
