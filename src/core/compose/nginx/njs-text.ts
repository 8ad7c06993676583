/**
 * The part of `gateway.js` that is the same in every export; `const gateway = {...};` stands before it.
 * Written for njs: no classes, no destructuring, no template literals. Ids of spans are the hashes of `base/random.ts`, so that services behind
 * nginx draw what they draw in the tab.
 */
export const NJS_TEXT = String.raw`
function rotate(x, r) { return (x << r) | (x >>> (32 - r)); }
function finalMix(x) {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
// MurmurHash3 x86 128 of UTF-8 text.
function murmur128(text) {
  const bytes = new TextEncoder().encode(text);
  const size = bytes.length;
  const c = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
  const turn = [15, 16, 17, 18], after = [19, 17, 15, 13], plus = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];
  const h = [gateway.seed | 0, gateway.seed | 0, gateway.seed | 0, gateway.seed | 0];
  function byte(i) { return i < size ? bytes[i] : 0; }
  function word(i) { return byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24); }
  function mixed(i, lane) { return Math.imul(rotate(Math.imul(word(i), c[lane]), turn[lane]), c[(lane + 1) % 4]); }
  const tail = (size >> 4) << 4;
  for (let i = 0; i < tail; i += 16) {
    for (let lane = 0; lane < 4; lane += 1) {
      h[lane] ^= mixed(i + 4 * lane, lane);
      h[lane] = (Math.imul(rotate(h[lane], after[lane]) + h[(lane + 1) % 4], 5) + plus[lane]) | 0;
    }
  }
  for (let lane = 3; lane >= 0; lane -= 1) if ((size & 15) > 4 * lane) h[lane] ^= mixed(tail + 4 * lane, lane);
  function spread() {
    h[0] = (h[0] + h[1] + h[2] + h[3]) | 0;
    for (let lane = 1; lane < 4; lane += 1) h[lane] = (h[lane] + h[0]) | 0;
  }
  for (let lane = 0; lane < 4; lane += 1) h[lane] ^= size;
  spread();
  for (let lane = 0; lane < 4; lane += 1) h[lane] = finalMix(h[lane]);
  spread();
  return [h[0] >>> 0, h[1] >>> 0, h[2] >>> 0, h[3] >>> 0];
}
function keyed(parts) { return murmur128(parts.join('\u001f')); }
function hex(word) { return ('0000000' + word.toString(16)).slice(-8); }
function hexId(digits, parts) {
  const w = keyed(parts);
  const text = hex(w[0]) + hex(w[1]) + (digits === 16 ? '' : hex(w[2]) + hex(w[3]));
  return /^0+$/.test(text) ? text.slice(0, -1) + '1' : text;
}
function childSpanId(parent, what) { return hexId(16, ['span', parent].concat(what)); }
function uuid(parts) {
  const t = hexId(32, ['uuid'].concat(parts));
  const variant = ((parseInt(t.charAt(16), 16) & 3) | 8).toString(16);
  return t.slice(0, 8) + '-' + t.slice(8, 12) + '-4' + t.slice(13, 16) + '-' + variant + t.slice(17, 20) + '-' + t.slice(20);
}
function uniform(parts) {
  const w = keyed(parts);
  return (w[0] * 2097152 + (w[1] >>> 11)) / 9007199254740992;
}

function decoded(text) { try { return decodeURIComponent(text); } catch (e) { return text; } }
function segmentsOf(path) { return path.split('/').slice(1).map(decoded); }
function header(r, name) { const value = r.headersIn[name]; return value === undefined ? null : String(value); }

function splitTarget(target) {
  const whole = target.split('#')[0];
  const at = whole.indexOf('?');
  const query = {};
  if (at < 0) return { path: whole, query: query };
  whole.slice(at + 1).split('&').forEach(function (part) {
    if (part === '') return;
    const equals = part.indexOf('=');
    const name = decoded((equals < 0 ? part : part.slice(0, equals)).replace(/\+/g, ' '));
    const value = equals < 0 ? '' : decoded(part.slice(equals + 1).replace(/\+/g, ' '));
    if (!Object.prototype.hasOwnProperty.call(query, name)) query[name] = value;
  });
  return { path: whole.slice(0, at), query: query };
}

function holds(test, value) {
  if (value === null || value === undefined) return false;
  if (test.equals !== undefined) return value === test.equals;
  return test.matches === undefined || new RegExp('^(?:' + test.matches + ')$', test.flags).test(value);
}
function fits(route, path) {
  const given = segmentsOf(path);
  if (route.match === 'prefix' ? given.length < route.segments.length : given.length !== route.segments.length) return false;
  return route.segments.every(function (segment, i) { return segment === null ? given[i] !== '' : segment === given[i]; });
}
function asks(route, r, query, version) {
  if (route.version !== undefined && route.version !== version) return false;
  if (route.kinds !== undefined && route.kinds.indexOf(header(r, 'x-client-kind')) < 0) return false;
  return Object.keys(route.headers).every(function (name) { return holds(route.headers[name], header(r, name)); }) &&
    Object.keys(route.query).every(function (name) { return holds(route.query[name], Object.prototype.hasOwnProperty.call(query, name) ? query[name] : null); });
}

function mediaTypeVersion(accept) {
  const ranges = accept.split(',');
  for (let i = 0; i < ranges.length; i += 1) {
    const parts = ranges[i].split(';').map(function (part) { return part.trim(); });
    for (let k = 1; k < parts.length; k += 1) {
      const found = /^version\s*=\s*"?([^"\s]+)"?$/i.exec(parts[k]);
      if (found !== null) return found[1];
    }
    const vendor = /^application\/vnd\.[^+/]*?\.([^.+/]+(?:\.\d+)*)\+[a-z]+$/i.exec(parts[0]);
    if (vendor !== null) return vendor[1];
  }
  return null;
}
function versionOf(r, target) {
  const v = gateway.versioning;
  if (v === null) return { version: null, target: target };
  const names = Object.keys(v.versions);
  let asked = null, onward = target;
  if (v.by === 'path') {
    const first = (/^\/([^/?#]*)/.exec(target) || ['', ''])[1];
    if (names.indexOf(first) >= 0 || /^v\d+(\.\d+)*$/i.test(first)) {
      asked = first;
      const rest = target.slice(first.length + 1);
      onward = rest.charAt(0) === '/' ? rest : '/' + rest;
    }
  } else asked = v.by === 'header' ? header(r, v.header) : mediaTypeVersion(header(r, 'accept') || '');
  const version = asked === null || asked === '' ? v.default : asked;
  if (names.indexOf(version) >= 0) return { version: version, target: onward };
  return { refused: { status: v.unknown, code: 'version_unknown', detail: 'there is no version ' + version + '; there are ' + names.join(', ') } };
}

function refusal(method, path, allow) {
  if (allow.length === 0) return { refused: { status: 404, code: 'no_route', detail: 'no route for ' + method + ' ' + path } };
  const list = allow.join(', ');
  return { refused: { status: 405, code: 'method_not_allowed', detail: list + ' allowed here, not ' + method, headers: { allow: list } } };
}
// Routes stand in the order in which they are tried.
function byOrder(r) {
  const versioned = versionOf(r, r.variables.request_uri);
  if (versioned.refused !== undefined) return versioned;
  const target = versioned.target, asked = splitTarget(target), allow = [];
  for (let i = 0; i < gateway.routes.length; i += 1) {
    const route = gateway.routes[i];
    if (!fits(route, asked.path) || !asks(route, r, asked.query, versioned.version)) continue;
    if (route.methods.length === 0 || route.methods.indexOf(r.method) >= 0) {
      if (route.strip === null) return { at: i, target: target, version: versioned.version };
      const at = target.search(/[?#]/);
      const rest = at < 0 ? '' : target.slice(at);
      const path = at < 0 ? target : target.slice(0, at);
      return { at: i, target: '/' + path.split('/').slice(1 + route.strip).join('/') + rest, version: versioned.version };
    }
    route.methods.forEach(function (name) { if (allow.indexOf(name) < 0) allow.push(name); });
  }
  return refusal(r.method, asked.path, allow.sort());
}
function escapePath(path) {
  let text = '';
  for (let i = 0; i < path.length; i += 1) {
    const unit = path.charCodeAt(i);
    const isPair = unit >= 0xd800 && unit < 0xdc00 && i + 1 < path.length;
    const char = isPair ? path.slice(i, i + 2) : path.charAt(i);
    text += unit > 0x20 && unit < 0x7f && '#%?'.indexOf(char) < 0 ? char : encodeURIComponent(char);
    if (isPair) i += 1;
  }
  return text;
}
// nginx has chosen the location.
function byLocation(r) {
  const i = Number(r.variables.servarium_location);
  if (i < 0) return refusal(r.method, r.uri, []);
  const route = gateway.routes[i], target = r.variables.request_uri;
  if (route.methods.length > 0 && route.methods.indexOf(r.method) < 0) return refusal(r.method, r.uri, route.methods.slice().sort());
  if (route.strip === null) return { at: i, target: target, version: null };
  const whole = target.split('#')[0], at = whole.indexOf('?');
  return { at: i, target: '/' + escapePath(r.uri.slice(route.strip)) + (at < 0 ? '' : whole.slice(at)), version: null };
}

function traceOf(r) {
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(.*)$/.exec((header(r, 'traceparent') || '').trim());
  const isSound = found !== null && found[1] !== 'ff' && (found[5] === '' || (found[1] !== '00' && found[5].charAt(0) === '-')) &&
    !/^0+$/.test(found[2]) && !/^0+$/.test(found[3]);
  if (!isSound) {
    const fresh = r.variables.request_id;
    return { id: fresh, span: childSpanId(fresh, ['server']), flags: '01', isNew: true };
  }
  const flags = ('0' + (parseInt(found[4], 16) & 3).toString(16)).slice(-2);
  return { id: found[2], span: childSpanId(found[3], ['server']), flags: flags, isNew: false };
}

function list(text) {
  return (text || '').split(',').map(function (item) { return item.trim(); }).filter(function (item) { return item !== ''; });
}
function isPreflight(r) {
  return r.method === 'OPTIONS' && header(r, 'origin') !== null && header(r, 'access-control-request-method') !== null;
}
function sharedCors(origin) {
  const cors = gateway.cors;
  const isNamed = cors.allowOrigins.indexOf(origin) >= 0;
  if (!isNamed && (cors.allowOrigins.indexOf('*') < 0 || cors.allowCredentials)) return null;
  const shared = { 'access-control-allow-origin': isNamed ? origin : '*' };
  if (cors.allowCredentials) shared['access-control-allow-credentials'] = 'true';
  return shared;
}
function preflight(r) {
  const cors = gateway.cors, origin = header(r, 'origin'), method = header(r, 'access-control-request-method');
  function refuse(detail) { return { refused: { status: 403, code: 'cors_refused', detail: detail } }; }
  function allows(some, one) {
    return some.some(function (item) { return item === '*' || item.toLowerCase() === one.toLowerCase(); });
  }
  const shared = sharedCors(origin);
  if (shared === null) return refuse('the origin ' + origin + ' is not allowed');
  if (!allows(cors.allowMethods, method)) return refuse('the method ' + method + ' is not allowed to other origins');
  const unknown = list(header(r, 'access-control-request-headers')).filter(function (name) { return !allows(cors.allowHeaders, name); })[0];
  if (unknown !== undefined) return refuse('the header ' + unknown.toLowerCase() + ' is not allowed to other origins');
  shared['access-control-allow-methods'] = cors.allowMethods.join(', ');
  if (cors.allowHeaders.length > 0) shared['access-control-allow-headers'] = cors.allowHeaders.join(', ');
  shared['access-control-max-age'] = String(cors.maxAgeSeconds);
  return { headers: shared };
}

function changed(read, stages) {
  const now = {};
  stages.forEach(function (stage) {
    function here(name) { if (now[name] === undefined) now[name] = read(name); return now[name] !== null; }
    stage.remove.forEach(function (name) { now[name] = null; });
    stage.rename.forEach(function (pair) { if (here(pair[0])) { now[pair[1]] = now[pair[0]]; now[pair[0]] = null; } });
    stage.replace.forEach(function (pair) { if (here(pair[0])) now[pair[0]] = pair[1]; });
    stage.add.forEach(function (pair) { if (!here(pair[0])) now[pair[0]] = pair[1]; });
    stage.append.forEach(function (pair) { now[pair[0]] = here(pair[0]) ? now[pair[0]] + ', ' + pair[1] : pair[1]; });
  });
  return now;
}
// What every answer carries: request id, limits, life of the version, CORS.
function dress(r) {
  const version = r.variables.servarium_version;
  const life = gateway.versioning === null || version === '' ? {} : gateway.versioning.versions[version];
  Object.keys(life).forEach(function (name) { r.headersOut[name] = life[name]; });
  const limits = r.variables.servarium_limits;
  if (limits !== '') limits.split(' ').forEach(function (value, i) { if (value !== '-') r.headersOut[gateway.limitHeaders[i]] = value; });
  r.headersOut['x-request-id'] = r.variables.servarium_request_id;
  if (gateway.cors === null) return;
  const own = isPreflight(r);
  if (!own) ['origin', 'credentials', 'methods', 'headers'].forEach(function (name) { delete r.headersOut['access-control-allow-' + name]; });
  if (!own) ['expose-headers', 'max-age'].forEach(function (name) { delete r.headersOut['access-control-' + name]; });
  const cors = gateway.cors, before = r.headersOut['vary'], varies = list(before === undefined ? '' : String(before));
  const isSame = cors.allowOrigins.indexOf('*') >= 0 && !cors.allowCredentials;
  if (!isSame && !varies.some(function (name) { return name === '*' || name.toLowerCase() === 'origin'; })) varies.push('Origin');
  if (varies.length > 0) r.headersOut['vary'] = varies.join(', ');
  const origin = header(r, 'origin');
  const shared = origin === null ? null : sharedCors(origin);
  if (shared === null) return;
  Object.keys(shared).forEach(function (name) { r.headersOut[name] = shared[name]; });
  if (!own && cors.exposeHeaders.length > 0) r.headersOut['access-control-expose-headers'] = cors.exposeHeaders.join(', ');
}
function refuse(r, problem) {
  const body = { code: problem.code, detail: problem.detail };
  if (problem.flag !== undefined) body.flag = problem.flag;
  body.instance = r.variables.servarium_request_id;
  body.status = problem.status;
  body.title = gateway.titles[String(problem.status)];
  body.type = 'about:blank';
  r.headersOut['content-type'] = 'application/problem+json';
  const more = problem.headers || {};
  Object.keys(more).forEach(function (name) { r.headersOut[name] = more[name]; });
  dress(r);
  r.return(problem.status, JSON.stringify(body));
}
function flagged(problem) {
  if (problem.code === 'no_route') problem.flag = 'NR';
  return problem;
}
`;
