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
  GRPC_INPUT: 'a gRPC call has no {part}: everything is in its message',
} as const;

/** What can be done about them. */
export const GRPC_FIXES = {
  RPC_UNANSWERED: 'Add a "respond" step',
  GRPC_NOT_SERVED: 'Describe its gRPC methods, or remove the link',
  'CALL_NOT_LINKED.grpc': 'Draw a gRPC link from {from} to {to}, or remove the step',
  'REQUEST_NOT_LINKED.grpc': 'Draw a gRPC link from {from} to {to}, or remove the request',
} as const;
