// A static server that mounts a folder below any path, the way project pages do.
// usage: node scripts/serve.mjs <port> [prefix] [folder]
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

const compress = promisify(gzip);
const COMPRESSED = new Set(['.html', '.js', '.mjs', '.css', '.svg', '.json', '.webmanifest']);

/** The file a request path means, or null if it lies outside the prefix or the folder. */
function fileOf(requestUrl, prefix, root) {
  let path;
  try {
    path = decodeURIComponent(new URL(requestUrl, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (!path.startsWith(prefix)) return null;
  const file = normalize(join(root, path.slice(prefix.length)));
  if (file !== root && !file.startsWith(root + sep)) return null;
  return path.endsWith('/') ? join(file, 'index.html') : file;
}

/** Starts the server on 127.0.0.1 and resolves to its address once it listens. */
export function serve({ port, prefix = '/', folder = 'dist' }) {
  const root = resolve(folder);
  /** Compressed files with a hash in their name: they never change. */
  const kept = new Map();
  const server = createServer(async (request, response) => {
    const file = fileOf(request.url ?? '/', prefix, root);
    const content = file && (await readFile(file).catch(() => null));
    if (!content) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      return;
    }
    const ending = extname(file);
    const isHashed = file.startsWith(join(root, 'assets') + sep);
    const headers = {
      'content-type': TYPES[ending] ?? 'application/octet-stream',
      // As static hosts do. no-cache: a rebuild shows at the next reload; what has a hash in its name never changes.
      'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    };
    if (!COMPRESSED.has(ending) || !/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
      response.writeHead(200, headers).end(content);
      return;
    }
    const packed = kept.get(file) ?? (await compress(content));
    if (isHashed) kept.set(file, packed);
    response.writeHead(200, { ...headers, 'content-encoding': 'gzip', vary: 'accept-encoding' }).end(packed);
  });
  return new Promise((done, fail) => {
    server.once('error', fail).listen(port, '127.0.0.1', () => done(`http://127.0.0.1:${port}${prefix}`));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port = '4180', prefix = '/', folder = 'dist'] = process.argv.slice(2);
  console.log(await serve({ port: Number(port), prefix, folder }));
}
