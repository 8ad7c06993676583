/** The health service that every gRPC server has (grpc/grpc doc/health-checking.md): its messages and numbers, in our words. */
export const HEALTH_PROTO = `syntax = "proto3";
package grpc.health.v1;
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse {
  enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
  ServingStatus status = 1;
}
service Health {
  rpc Check(HealthCheckRequest) returns (HealthCheckResponse);
  rpc Watch(HealthCheckRequest) returns (stream HealthCheckResponse);
}
`;
export const HEALTH_CHECK = 'grpc.health.v1.Health/Check';
export const HEALTH_WATCH = 'grpc.health.v1.Health/Watch';

/** What is said about a service; the empty name is the whole server, one that is not registered is SERVICE_UNKNOWN (Check turns it into NOT_FOUND). */
export function servingStatus(
  service: string,
  registered: readonly string[],
  serves: boolean,
): 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN' {
  if (service !== '' && !registered.includes(service)) return 'SERVICE_UNKNOWN';
  return serves ? 'SERVING' : 'NOT_SERVING';
}
