// A stub of the MongoDB wire protocol (OP_MSG, OP_QUERY for the first hello) with SCRAM-SHA-256: just the commands that
// the exported runtime sends. It checks the adapter and the compose graph; it proves nothing about MongoDB itself.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createContext, runInContext } from 'node:vm';

// The driver's file is put beside this one when the image is built.
const { BSON } = await import(new URL('mongodb.mjs', import.meta.url).href);

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const USER = process.env.MONGO_INITDB_ROOT_USERNAME ?? '';
const PASSWORD = readFileSync(process.env.MONGO_INITDB_ROOT_PASSWORD_FILE ?? '/dev/null', 'utf8').trim();
const DATABASE = process.env.MONGO_INITDB_DATABASE ?? 'test';

/** `database.collection` -> {documents, unique: lists of fields}. */
const collections = new Map();
const collection = (name) => {
  if (!collections.has(name)) collections.set(name, { documents: [], unique: [['_id']] });
  return collections.get(name);
};
const text = (value) => BSON.EJSON.stringify({ value: value === undefined ? null : value });

class CommandError extends Error {
  constructor(code, codeName, message) {
    super(message);
    Object.assign(this, { code, codeName });
  }
}

const compare = (a, b) => (typeof a === typeof b && a !== null && b !== null ? (a < b ? -1 : a > b ? 1 : 0) : NaN);
const OPERATORS = {
  $eq: (value, operand) => text(value) === text(operand),
  $ne: (value, operand) => text(value) !== text(operand),
  $in: (value, list) => list.some((item) => text(value) === text(item)),
  $nin: (value, list) => !list.some((item) => text(value) === text(item)),
  $gt: (value, operand) => compare(value, operand) > 0,
  $gte: (value, operand) => compare(value, operand) >= 0,
  $lt: (value, operand) => compare(value, operand) < 0,
  $lte: (value, operand) => compare(value, operand) <= 0,
};

function matches(document, filter) {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === '$and') return condition.every((part) => matches(document, part));
    if (key === '$expr') return condition === true;
    const operators = condition !== null && typeof condition === 'object' ? Object.keys(condition) : [];
    if (operators.length === 0 || !operators[0].startsWith('$')) return OPERATORS.$eq(document[key], condition);
    return operators.every((name) => {
      if (!OPERATORS[name]) throw new CommandError(2, 'BadValue', `the stub does not know ${name}`);
      return OPERATORS[name](document[key], condition[name]);
    });
  });
}

function checkUnique(target, document, self) {
  for (const fields of target.unique) {
    const values = fields.map((field) => text(document[field]));
    if (fields[0] !== '_id' && fields.some((field) => (document[field] ?? null) === null)) continue;
    const other = target.documents.find(
      (one) => one !== self && fields.every((field, at) => text(one[field]) === values[at]),
    );
    if (other)
      throw new CommandError(
        11000,
        'DuplicateKey',
        `E11000 duplicate key error: ${fields.join(', ')} ${values.join(', ')}`,
      );
  }
}

function insert(target, document) {
  checkUnique(target, document, null);
  target.documents.push(document);
}

function change(target, document, update) {
  const next = { ...document, ...update.$set };
  for (const [field, by] of Object.entries(update.$inc ?? {})) if (typeof next[field] === 'number') next[field] += by;
  checkUnique(target, next, document);
  target.documents[target.documents.indexOf(document)] = next;
  return next;
}

const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const fieldsOf = (message) => Object.fromEntries(message.split(',').map((part) => [part[0], part.slice(2)]));

/** Server side of SCRAM-SHA-256 (RFC 5802, RFC 7677), one conversation per connection. */
function saslStart(session, command) {
  if (command.mechanism !== 'SCRAM-SHA-256') throw new CommandError(2, 'BadValue', `mechanism ${command.mechanism}`);
  const first = Buffer.from(command.payload.buffer).toString('utf8').replace(/^n,,/, '');
  const { n: user, r: nonce } = fieldsOf(first);
  const salt = randomBytes(16);
  const serverFirst = `r=${nonce}${randomBytes(18).toString('base64')},s=${salt.toString('base64')},i=15000`;
  session.scram = { user, first, serverFirst, salt };
  return { conversationId: 1, done: false, payload: new BSON.Binary(Buffer.from(serverFirst)) };
}

function saslContinue(session, command) {
  const { user, first, serverFirst, salt } = session.scram;
  const final = Buffer.from(command.payload.buffer).toString('utf8');
  const { p: proof, r: nonce } = fieldsOf(final);
  const salted = pbkdf2Sync(PASSWORD, salt, 15000, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const auth = `${first},${serverFirst},${final.slice(0, final.lastIndexOf(',p='))}`;
  const signature = hmac(createHash('sha256').update(clientKey).digest(), auth);
  const expected = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString('base64');
  if (user !== USER || proof !== expected || nonce !== fieldsOf(serverFirst).r) {
    throw new CommandError(18, 'AuthenticationFailed', 'Authentication failed.');
  }
  session.isAuthenticated = true;
  const verifier = hmac(hmac(salted, 'Server Key'), auth).toString('base64');
  return { conversationId: 1, done: true, payload: new BSON.Binary(Buffer.from(`v=${verifier}`)) };
}

const hello = (_session, command) => ({
  ismaster: true,
  isWritablePrimary: true,
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false,
  localTime: new Date(),
  ...(command.saslSupportedMechs ? { saslSupportedMechs: ['SCRAM-SHA-256'] } : {}),
});

/** Commands that need no login, as on a real server. */
const OPEN = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'saslStart', 'saslContinue', 'endSessions']);
const COMMANDS = {
  hello,
  ismaster: hello,
  isMaster: hello,
  ping: () => ({}),
  endSessions: () => ({}),
  saslStart,
  saslContinue,
  insert(_session, command, name) {
    const target = collection(`${name}.${command.insert}`);
    const writeErrors = [];
    command.documents.forEach((document, index) => {
      try {
        insert(target, document);
      } catch (error) {
        writeErrors.push({ index, code: error.code, errmsg: error.message });
      }
    });
    return { n: command.documents.length - writeErrors.length, ...(writeErrors.length > 0 ? { writeErrors } : {}) };
  },
  find(_session, command, name) {
    const found = collection(`${name}.${command.find}`).documents.filter((one) => matches(one, command.filter ?? {}));
    const firstBatch = command.limit > 0 ? found.slice(0, command.limit) : found;
    return { cursor: { id: BSON.Long.fromNumber(0), ns: `${name}.${command.find}`, firstBatch } };
  },
  findAndModify(_session, command, name) {
    const target = collection(`${name}.${command.findAndModify}`);
    const found = target.documents.find((one) => matches(one, command.query ?? {}));
    const next = found ? change(target, found, command.update) : null;
    return {
      value: command.new ? next : (found ?? null),
      lastErrorObject: { n: found ? 1 : 0, updatedExisting: Boolean(found) },
    };
  },
  delete(_session, command, name) {
    const target = collection(`${name}.${command.delete}`);
    const before = target.documents.length;
    for (const { q } of command.deletes) target.documents = target.documents.filter((one) => !matches(one, q));
    return { n: before - target.documents.length };
  },
};

function perform(session, command) {
  const verb = Object.keys(command)[0];
  try {
    if (!COMMANDS[verb]) throw new CommandError(59, 'CommandNotFound', `no such command: '${verb}'`);
    if (!OPEN.has(verb) && !session.isAuthenticated)
      throw new CommandError(13, 'Unauthorized', `Command ${verb} requires authentication`);
    return { ...COMMANDS[verb](session, command, command.$db ?? 'admin'), ok: 1 };
  } catch (error) {
    return { ok: 0, errmsg: error.message, code: error.code ?? 8000, codeName: error.codeName ?? 'Stub' };
  }
}

/** The command in an OP_MSG: the body section with the document sequences. */
function readMessage(body) {
  let command = {};
  const sequences = {};
  for (let at = 4; at < body.length;) {
    const kind = body[at++];
    const size = body.readInt32LE(at);
    if (kind === 0) command = BSON.deserialize(body.subarray(at, at + size));
    else {
      const end = body.indexOf(0, at + 4);
      const documents = [];
      for (let from = end + 1; from < at + size; from += body.readInt32LE(from)) {
        documents.push(BSON.deserialize(body.subarray(from, from + body.readInt32LE(from))));
      }
      sequences[body.toString('utf8', at + 4, end)] = documents;
    }
    at += size;
  }
  // The verb is the first key of the body and has to stay the first.
  return { ...command, ...sequences };
}

function frame(requestId, opCode, payload) {
  const head = Buffer.alloc(16);
  head.writeInt32LE(16 + payload.length, 0);
  head.writeInt32LE(requestId, 8);
  head.writeInt32LE(opCode, 12);
  return Buffer.concat([head, payload]);
}

function answer(session, message) {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  const body = message.subarray(16);
  if (opCode === OP_MSG) {
    const reply = Buffer.from(BSON.serialize(perform(session, readMessage(body))));
    return frame(requestId, OP_MSG, Buffer.concat([Buffer.alloc(5), reply]));
  }
  if (opCode !== OP_QUERY) return null;
  const query = BSON.deserialize(body.subarray(body.indexOf(0, 4) + 9));
  const head = Buffer.alloc(20);
  head.writeInt32LE(8, 0);
  head.writeInt32LE(1, 16);
  return frame(requestId, OP_REPLY, Buffer.concat([head, Buffer.from(BSON.serialize(perform(session, query)))]));
}

/** What the initial scripts of the export use of mongosh. */
function runInitialScripts(folder) {
  const getCollection = (name) => {
    const target = collection(`${DATABASE}.${name}`);
    return {
      createIndex: (fields, options) => options?.unique && target.unique.push(Object.keys(fields)),
      insertMany: (documents) => documents.forEach((document) => insert(target, document)),
    };
  };
  const db = { getCollection, createCollection: (name) => void collection(`${DATABASE}.${name}`) };
  let files = [];
  try {
    files = readdirSync(folder).sort();
  } catch {
    return;
  }
  for (const file of files) runInContext(readFileSync(`${folder}/${file}`, 'utf8'), createContext({ db }));
}

runInitialScripts(process.env.STUB_SCRIPTS ?? '/docker-entrypoint-initdb.d');
const server = createServer((socket) => {
  const session = { isAuthenticated: false, scram: null };
  let data = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    data = Buffer.concat([data, chunk]);
    while (data.length >= 4 && data.length >= data.readInt32LE(0)) {
      const size = data.readInt32LE(0);
      const reply = answer(session, data.subarray(0, size));
      data = data.subarray(size);
      if (reply) socket.write(reply);
    }
  });
});
server.listen(Number(process.env.STUB_PORT ?? 27017), () => console.log(`stub of MongoDB at ${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
