import type { Endpoint, GrpcService, TopologyNode } from '../../core/topology/schema/types.ts';

/** What the depot answers over gRPC. */
export const PROTO = `syntax = "proto3";
package depot.v1;

import "google/protobuf/timestamp.proto";

message ShelfRequest { string id = 1; int32 count = 2; }
message Shelf {
  string id = 1;
  string key = 2;
  map<string, int32> sizes = 3;
  repeated sint32 turns = 4;
  google.protobuf.Timestamp seen_at = 5;
  optional bool full = 6;
  oneof place { string room = 7; int32 floor = 8; }
}
message Mood { string id = 1; string mood = 2; }
service Depot {
  rpc GetShelf(ShelfRequest) returns (Shelf);
  rpc CountShelves(ShelfRequest) returns (stream Shelf);
  rpc WaitShelf(ShelfRequest) returns (Shelf);
  rpc KeepMood(Mood) returns (Mood);
}
`;

const DEPOT_GRPC: GrpcService = {
  port: 50_051,
  proto: PROTO,
  methods: [
    {
      id: 'get-shelf',
      rpc: 'depot.v1.Depot/GetShelf',
      steps: [
        { id: 'get', do: 'get', table: 'shelves', key: '${request.body.id}', as: 'shelf', orFail: 'not_found' },
        {
          id: 'answer',
          do: 'respond',
          status: 200,
          body: {
            id: '${shelf.id}',
            key: '${shelf.key}',
            sizes: { wide: 2, tall: -1 },
            turns: [1, -300],
            seen_at: '2026-02-03T04:05:06.007Z',
            full: false,
            floor: 0,
          },
        },
      ],
    },
    {
      id: 'wait-shelf',
      rpc: 'depot.v1.Depot/WaitShelf',
      steps: [
        { id: 'sleep', do: 'wait', ms: 60_000 },
        { id: 'late', do: 'insert', table: 'shelves', value: { id: 'late', key: 'late' } },
        { id: 'answer', do: 'respond', status: 200, body: { id: 'late' } },
      ],
    },
    {
      id: 'keep-mood',
      rpc: 'depot.v1.Depot/KeepMood',
      steps: [
        {
          id: 'keep',
          do: 'insert',
          table: 'moods',
          value: { id: '${uuid()}', mood: '${request.body.mood}' },
          as: 'kept',
        },
        { id: 'answer', do: 'respond', status: 200, body: '${kept}' },
      ],
    },
    {
      id: 'count-shelves',
      rpc: 'depot.v1.Depot/CountShelves',
      steps: [
        {
          id: 'each',
          do: 'each',
          in: 'range(request.body.count)',
          item: 'n',
          steps: [{ id: 'one', do: 'send', body: { id: '${string(n)}', room: 'їдальня' } }],
        },
      ],
    },
  ],
};

/** The service with the gRPC methods of the workshop. */
export const withGrpc = (node: Extract<TopologyNode, { kind: 'service' }>): TopologyNode => ({
  ...node,
  config: { ...node.config, grpc: DEPOT_GRPC },
});

/** An endpoint that calls an rpc and shows what came. */
const asking = (id: string, path: string, to: string, endpoint: string): Endpoint => ({
  id,
  method: 'GET',
  path,
  steps: [
    {
      id: 'safely',
      do: 'try',
      steps: [
        {
          id: 'call',
          do: 'call',
          to,
          endpoint,
          input: { body: { id: '${request.params.id}' } },
          timeoutMs: 2000,
          as: 'reply',
        },
        { id: 'answer', do: 'respond', status: 200, body: '${reply}' },
      ],
      catch: [
        {
          code: '*',
          steps: [
            {
              id: 'answer-caught',
              do: 'respond',
              status: 200,
              body: { caught: '${error.code}', said: '${error.message}' },
            },
          ],
        },
      ],
    },
  ],
});

/** Endpoints that ask the depot over gRPC, itself and through the gateway, and show what came. */
export const GRPC_ENDPOINTS: Endpoint[] = [
  asking('ask-grpc', '/api/grpc/{id}', 'depot', 'get-shelf'),
  asking('ask-through', '/api/through/{id}', 'gateway', 'depot.v1.Depot/GetShelf'),
  {
    id: 'stream-grpc',
    method: 'GET',
    path: '/api/grpc-stream/{count}',
    steps: [
      {
        id: 'call',
        do: 'call',
        to: 'depot',
        endpoint: 'count-shelves',
        input: { body: { count: '${int(request.params.count)}' } },
        timeoutMs: 2000,
        as: 'reply',
      },
      { id: 'answer', do: 'respond', status: 200, body: '${reply.messages.map(m, m.id + " " + m.room)}' },
    ],
  },
];
