import { connect, type Socket } from 'node:net';

/** Operation codes of ZooKeeper's client protocol that a registry needs. */
const OP = { create: 1, delete: 2, getData: 4, getChildren: 8, ping: 11, close: -11 } as const;
const PING_XID = -2;
const WATCH_XID = -1;
const EPHEMERAL = 1;
/** How long a server may think about a new session. ms */
const HANDSHAKE_TIMEOUT_MS = 5_000;
/** Error codes of replies that a caller may want to tell apart. */
export const ZK_ERROR = { noNode: -101, nodeExists: -110, sessionExpired: -112 } as const;

/** A reply with an error code other than 0, or a connection that broke (code 0). */
export class ZooKeeperError extends Error {
  readonly code: number;
  constructor(code: number, what: string) {
    super(code === 0 ? what : `ZooKeeper answered ${code} to ${what}`);
    this.code = code;
  }
}

/** Grows as it is written: ints and longs are big-endian, strings and buffers carry their length. */
class Writer {
  private readonly parts: Buffer[] = [];
  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    this.parts.push(part);
    return this;
  }
  long(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(value);
    this.parts.push(part);
    return this;
  }
  bool(value: boolean): this {
    this.parts.push(Buffer.of(value ? 1 : 0));
    return this;
  }
  bytes(value: Buffer): this {
    this.int(value.length).parts.push(value);
    return this;
  }
  text(value: string): this {
    return this.bytes(Buffer.from(value, 'utf8'));
  }
  frame(): Buffer {
    const body = Buffer.concat(this.parts);
    const head = Buffer.alloc(4);
    head.writeInt32BE(body.length);
    return Buffer.concat([head, body]);
  }
}

class Reader {
  private readonly body: Buffer;
  private at = 0;
  constructor(body: Buffer) {
    this.body = body;
  }
  int(): number {
    this.at += 4;
    return this.body.readInt32BE(this.at - 4);
  }
  long(): bigint {
    this.at += 8;
    return this.body.readBigInt64BE(this.at - 8);
  }
  bytes(): Buffer {
    const length = Math.max(0, this.int());
    this.at += length;
    return this.body.subarray(this.at - length, this.at);
  }
  text(): string {
    return this.bytes().toString('utf8');
  }
  texts(): string[] {
    return Array.from({ length: Math.max(0, this.int()) }, () => this.text());
  }
}

interface Waiting {
  what: string;
  resolve(reader: Reader): void;
  reject(error: Error): void;
}
export interface ZooKeeperSession {
  /** Negotiated session timeout, ms. */
  readonly timeoutMs: number;
  readonly id: bigint;
  readonly password: Buffer;
  /** Creates a node; the parent must exist. */
  create(path: string, data: string, kind: 'persistent' | 'ephemeral'): Promise<void>;
  remove(path: string): Promise<void>;
  children(path: string, watch?: boolean): Promise<string[]>;
  data(path: string): Promise<string>;
  /** The sign of life that keeps the session; nothing pings by itself. */
  ping(): Promise<void>;
  /** Ends the session: its ephemeral nodes are gone at once. */
  close(): Promise<void>;
  /** Drops the connection without a word; the session lives on at the server until its timeout. */
  drop(): void;
}

/** Opens a session, or takes up an old one after a dropped connection; rejects with `sessionExpired` when that is over. A one-shot watch calls `onWatch` with the path that changed. */
export function openSession(
  at: { host: string; port: number },
  wish: { timeoutMs: number; session?: { id: bigint; password: Buffer } },
  on: { watch?(path: string): void; end?(reason: string): void } = {},
): Promise<ZooKeeperSession> {
  return new Promise((resolve, reject) => {
    const socket = connect(at.port, at.host);
    const wire = new Wire(socket, on);
    socket.once('error', reject);
    // Accepted and dropped, or silent: a server that is starting, or something else behind the port.
    socket.once('close', () => reject(new ZooKeeperError(0, 'the connection closed before the session began')));
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => socket.destroy());
    socket.once('connect', () => {
      wire.handshake = (reader) => {
        reader.int();
        const timeoutMs = reader.int();
        const id = reader.long();
        const password = reader.bytes();
        if (timeoutMs <= 0) {
          socket.destroy();
          return reject(new ZooKeeperError(ZK_ERROR.sessionExpired, 'connect'));
        }
        socket.setTimeout(0);
        resolve(wire.session(timeoutMs, id, Buffer.from(password)));
      };
      const { id, password } = wish.session ?? { id: 0n, password: Buffer.alloc(16) };
      socket.write(new Writer().int(0).long(0n).int(wish.timeoutMs).long(id).bytes(password).bool(false).frame());
    });
  });
}

/** One connection: frames in, frames out, replies matched by xid. */
class Wire {
  handshake: ((reader: Reader) => void) | null = null;
  private readonly socket: Socket;
  private readonly on: { watch?(path: string): void; end?(reason: string): void };
  private readonly waiting = new Map<number, Waiting[]>();
  private buffered = Buffer.alloc(0);
  private xid = 0;

  constructor(socket: Socket, on: { watch?(path: string): void; end?(reason: string): void }) {
    this.socket = socket;
    this.on = on;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.data(data));
    socket.on('error', () => undefined);
    socket.on('close', () => this.closed());
  }

  session(timeoutMs: number, id: bigint, password: Buffer): ZooKeeperSession {
    const open = (writer: Writer): Writer => writer.int(1).int(31).text('world').text('anyone');
    return {
      timeoutMs,
      id,
      password,
      create: async (path, data, kind) => {
        const flags = kind === 'ephemeral' ? EPHEMERAL : 0;
        await this.ask(OP.create, `create ${path}`, (w) => open(w.text(path).text(data)).int(flags));
      },
      remove: async (path) => void (await this.ask(OP.delete, `delete ${path}`, (w) => w.text(path).int(-1))),
      children: async (path, watch = false) =>
        (await this.ask(OP.getChildren, `getChildren ${path}`, (w) => w.text(path).bool(watch))).texts(),
      data: async (path) => (await this.ask(OP.getData, `getData ${path}`, (w) => w.text(path).bool(false))).text(),
      ping: async () => void (await this.ask(OP.ping, 'ping', (w) => w, PING_XID)),
      close: async () => {
        await this.ask(OP.close, 'close', (w) => w);
        this.socket.destroy();
      },
      drop: () => void this.socket.destroy(),
    };
  }

  private ask(op: number, what: string, body: (writer: Writer) => Writer, xid = ++this.xid): Promise<Reader> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new ZooKeeperError(0, `the connection is closed (${what})`));
      this.waiting.set(xid, [...(this.waiting.get(xid) ?? []), { what, resolve, reject }]);
      this.socket.write(body(new Writer().int(xid).int(op)).frame());
    });
  }

  private data(data: Buffer): void {
    this.buffered = Buffer.concat([this.buffered, data]);
    while (this.buffered.length >= 4) {
      const length = this.buffered.readInt32BE(0);
      if (this.buffered.length < 4 + length) return;
      const frame = this.buffered.subarray(4, 4 + length);
      this.buffered = this.buffered.subarray(4 + length);
      this.frame(new Reader(frame));
    }
  }

  private frame(reader: Reader): void {
    if (this.handshake !== null) {
      const take = this.handshake;
      this.handshake = null;
      return take(reader);
    }
    const xid = reader.int();
    reader.long();
    const error = reader.int();
    if (xid === WATCH_XID) {
      reader.int();
      reader.int();
      this.on.watch?.(reader.text());
      return;
    }
    const [next, ...rest] = this.waiting.get(xid) ?? [];
    if (rest.length === 0) this.waiting.delete(xid);
    else this.waiting.set(xid, rest);
    if (next === undefined) return;
    if (error === 0) next.resolve(reader);
    else next.reject(new ZooKeeperError(error, next.what));
  }

  private closed(): void {
    for (const waiting of [...this.waiting.values()].flat())
      waiting.reject(new ZooKeeperError(0, `the connection closed (${waiting.what})`));
    this.waiting.clear();
    this.on.end?.('connection closed');
  }
}
