import type { JsonObject } from '../base/json.ts';

/** `start_interval` needs `start_period` and Engine 25; it is what makes a cold start take seconds instead of intervals. */
const probe = (test: string[], interval: string, startPeriod: string): JsonObject => ({
  test,
  interval,
  timeout: '3s',
  retries: 12,
  start_period: startPeriod,
  start_interval: '500ms',
});

/** Of our runtime: busybox wget costs 4 ms a probe, starting node for it 76 ms; 127.0.0.1 because localhost may be ::1. */
export const runtimeProbe = (port: number): JsonObject =>
  probe(['CMD', 'wget', '-q', '--spider', `http://127.0.0.1:${port}/readyz`], '10s', '60s');

/** Over TCP: while the image initialises its volume the server listens on the socket only, so it is not ready too early. */
export const postgresProbe = (user: string, database: string): JsonObject =>
  probe(['CMD-SHELL', `pg_isready -h 127.0.0.1 -U ${user} -d ${database}`], '5s', '60s');

/** By the container's own name: while the image initialises its volume the server listens on 127.0.0.1 only. */
export const mongoProbe = (host: string): JsonObject =>
  probe(['CMD', 'mongosh', '--quiet', '--host', host, '--eval', 'db.adminCommand("ping").ok'], '10s', '60s');

/** The listener opens last. Never rabbitmq-diagnostics: run as root during boot it locks the broker out of its own cookie. */
export const rabbitProbe = (): JsonObject => probe(['CMD', 'bash', '-c', '</dev/tcp/127.0.0.1/5672'], '5s', '90s');

/** Answers as soon as the agent has a member list. */
export const consulProbe = (): JsonObject => probe(['CMD', 'consul', 'members'], '5s', '30s');

/** The image has no shell: its own client asks. */
export const etcdProbe = (): JsonObject => probe(['CMD', 'etcdctl', 'endpoint', 'health'], '5s', '30s');

/** `imok` to a four-letter word that is allowed for this. */
export const zookeeperProbe = (): JsonObject =>
  probe(['CMD-SHELL', 'echo ruok | nc -w 2 127.0.0.1 2181 | grep -q imok'], '5s', '60s');

/** The list of all applications, which is empty at first. */
export const eurekaProbe = (): JsonObject =>
  probe(['CMD', 'wget', '-q', '--spider', 'http://127.0.0.1:8761/eureka/v2/apps'], '5s', '90s');
