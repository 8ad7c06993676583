/** What the checks of gRPC say; see `check-texts.ts`. */
export const GRPC_TEXTS = {
  SEND_NOT_STREAMING: 'only a server streaming gRPC method sends one message after the other',
  RESPOND_IN_STREAM: 'a stream is answered with "send" steps; it ends with its handler',
  GRPC_STATUS:
    'a gRPC method answers with a message and status OK: write 200; other statuses are a "fail" step with a code such as not_found',
  RPC_UNKNOWN: 'the proto has no rpc "{rpc}"; it has {known}',
  RPC_UNANSWERED: '"{rpc}" answers no message',
  RPC_DUPLICATE: 'the rpc "{value}" appears twice',
  PORT_DUPLICATE: 'gRPC and HTTP cannot both listen on port {port}',
  PROTO_INVALID: 'the proto cannot be read at line {line}, column {column}: {reason}',
  GRPC_NOT_SERVED: '"{service}" has no proto, so nobody can call it over gRPC',
  'CALL_NOT_LINKED.grpc': '"{from}" calls the method "{method}" of "{to}" but no gRPC link leads there',
  'REQUEST_NOT_LINKED.grpc': '"{from}" sends to "{to}" over gRPC but no gRPC link leads there',
  GRPC_NOT_POST: 'over gRPC every call is a POST, not {method}',
  'GRPC_NOT_SERVED.gateway': '"{gateway}" has no port for gRPC, so nobody can call it over gRPC',
  RPC_NOT_ROUTED: 'no route of "{gateway}" takes the rpc "{rpc}": it is answered with UNIMPLEMENTED',
  'ROUTE_NOT_LINKED.grpc': '"{from}" forwards to "{to}" over gRPC but no gRPC link leads there',
  GRPC_ROUTE_FIELD: 'a route over gRPC has no "{field}"',
  GRPC_ROUTE_AGGREGATE: 'a route over gRPC only forwards: replies are not put together',
  GRPC_ROUTE_PATH:
    '"{path}" is no place of an rpc: write /package.Service/Method for one ("exact"), /package.Service for a service or / for all ("prefix")',
  GRPC_ROUTE_UNSERVED: '"{to}" describes no rpc that the route "{path}" takes',
  GRPC_GATEWAY_FIELD: '"{field}" is for requests over HTTP: rpcs would go past it',
  GRPC_NGINX: 'a gateway that matches as nginx takes no gRPC',
  GRPC_INPUT: 'a gRPC call has no {part}: everything is in its message',
} as const;

/** What can be done about them. */
export const GRPC_FIXES = {
  RPC_UNANSWERED: 'Add a "respond" step',
  'GRPC_NOT_SERVED.gateway': 'Give it a port for gRPC, or remove the link or route',
  RPC_NOT_ROUTED: 'Add a route for it',
  'ROUTE_NOT_LINKED.grpc': 'Draw a gRPC link from {from} to {to}, or remove the route',
  GRPC_ROUTE_FIELD: 'Remove it, or let the route take HTTP',
  GRPC_ROUTE_AGGREGATE: 'Forward it, or let the route take HTTP',
  GRPC_GATEWAY_FIELD: 'Remove it, or give HTTP a gateway of its own',
  GRPC_NGINX: 'Match as the Gateway API, or take no gRPC',
  GRPC_NOT_SERVED: 'Describe its gRPC methods, or remove the link',
  'CALL_NOT_LINKED.grpc': 'Draw a gRPC link from {from} to {to}, or remove the step',
  'REQUEST_NOT_LINKED.grpc': 'Draw a gRPC link from {from} to {to}, or remove the request',
} as const;
