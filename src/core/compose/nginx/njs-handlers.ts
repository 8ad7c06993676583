/** The part of `gateway.js` that answers requests, behind `NJS_TEXT`. */
export const NJS_HANDLERS = String.raw`
function chosen(route, span) {
  const total = route.split.reduce(function (sum, share) { return sum + share.weight; }, 0);
  let left = uniform(['split', gateway.node, route.id, span]) * total;
  for (let i = 0; i < route.split.length; i += 1) {
    left -= route.split[i].weight;
    if (left < 0) return route.split[i].to;
  }
  return route.to;
}
// The name of a consumer as a header may hold it.
function headerText(name) {
  let text = '';
  for (let i = 0; i < name.length; i += 1) {
    const unit = name.charCodeAt(i);
    const isPair = unit >= 0xd800 && unit < 0xdc00 && i + 1 < name.length;
    if (unit > 0x20 && unit < 0x7f) text += name.charAt(i);
    else if (!isPair && unit >= 0xd800 && unit < 0xe000) text += '%EF%BF%BD';
    else text += encodeURIComponent(isPair ? name.slice(i, i + 2) : name.charAt(i));
    if (isPair) i += 1;
  }
  return text;
}
// The sidecar says who asks and whether the budget allows it; true when the request may go on.
async function admitted(r, route) {
  const reply = await r.subrequest('/servarium/admit/' + route.id, { method: 'GET' });
  const type = String(reply.headersOut['content-type'] || '');
  if (reply.status === 200 && type.indexOf('application/json') === 0) {
    const consumer = JSON.parse(reply.responseText).consumer;
    r.variables.servarium_consumer = consumer === null ? '' : headerText(consumer.name);
    const said = gateway.limitHeaders.map(function (name) { return reply.headersOut[name] || '-'; });
    r.variables.servarium_limits = said.join(' ');
    return true;
  }
  if (type.indexOf('application/problem+json') !== 0) {
    refuse(r, { status: 503, code: 'not_ready', detail: 'the sidecar that authenticates does not answer' });
    return false;
  }
  ['content-type', 'www-authenticate', 'retry-after'].concat(gateway.limitHeaders).forEach(function (name) {
    if (reply.headersOut[name] !== undefined) r.headersOut[name] = reply.headersOut[name];
  });
  dress(r);
  r.return(reply.status, reply.responseText);
  return false;
}
function requestId(r, trace) {
  const given = gateway.requestId === 'replace' ? null : header(r, 'x-request-id');
  return given === null ? uuid(['request-id', trace.span]) : given;
}
async function handle(r) {
  const trace = traceOf(r), v = r.variables;
  v.servarium_request_id = requestId(r, trace);
  if (gateway.cors !== null && isPreflight(r)) {
    const answer = preflight(r);
    if (answer.refused !== undefined) return refuse(r, answer.refused);
    Object.keys(answer.headers).forEach(function (name) { r.headersOut[name] = answer.headers[name]; });
    dress(r);
    return r.return(204);
  }
  const found = gateway.matching === 'nginx' ? byLocation(r) : byOrder(r);
  if (found.refused !== undefined) return refuse(r, flagged(found.refused));
  const route = gateway.routes[found.at];
  v.servarium_route = String(found.at);
  if (route.sidecar) return r.internalRedirect('@route_' + found.at);
  v.servarium_version = found.version === null ? '' : found.version;
  v.servarium_traceparent = '00-' + trace.id + '-' + trace.span + '-' + trace.flags;
  if (route.admit && !(await admitted(r, route))) return undefined;
  v.servarium_traceparent = '00-' + trace.id + '-' + childSpanId(trace.span, ['upstream', route.id]) + '-' + trace.flags;
  v.servarium_tracestate = trace.isNew ? '' : header(r, 'tracestate') || '';
  v.servarium_upstream = 'node-' + chosen(route, trace.span);
  v.servarium_target = found.target;
  const now = changed(function (name) { return header(r, name); }, route.request);
  route.changes.forEach(function (name, i) {
    const value = now[name] === undefined ? header(r, name) : now[name];
    v['servarium_h' + i] = value === null ? '' : value;
  });
  return r.internalRedirect('@route_' + found.at);
}
// Headers of an upstream's reply.
function reply(r) {
  const route = gateway.routes[Number(r.variables.servarium_route)];
  const now = changed(function (name) {
    const value = r.headersOut[name];
    return value === undefined ? null : String(value);
  }, route.response);
  Object.keys(now).forEach(function (name) {
    if (now[name] === null) delete r.headersOut[name];
    else r.headersOut[name] = now[name];
  });
  dress(r);
}
function redirect(r) {
  const target = r.variables.request_uri.split('#')[0], at = target.indexOf('?');
  r.variables.servarium_request_id = requestId(r, traceOf(r));
  r.headersOut['location'] = escapePath(r.uri) + '/' + (at < 0 ? '' : target.slice(at));
  dress(r);
  // r.return would add a page of nginx.
  r.status = 301;
  r.headersOut['content-length'] = '0';
  r.sendHeader();
  r.finish();
}
function refused(r) {
  refuse(r, { status: gateway.failure, code: 'connection_refused', detail: 'no answer from the upstream', flag: 'UF' });
}
function late(r) {
  refuse(r, { status: 504, code: 'timeout', detail: 'no answer from the upstream in time', flag: 'UT' });
}
function limited(r) {
  const route = gateway.routes[Number(r.variables.servarium_route)];
  const after = String(route.retryAfter);
  const detail = 'more than ' + route.limit + ' requests; come again in ' + after + ' s';
  refuse(r, { status: 429, code: 'rate_limited', detail: detail, flag: 'RL', headers: { 'retry-after': after } });
}
export default { handle, reply, redirect, refused, late, limited };
`;
