import { sortedKeys } from '../base/canonical.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { sha256Hex } from '../base/sha256.ts';
import { doubleDollars, printableJson } from './escape.ts';
import { type ComposeModel, type ContainerModel, secretVariable } from './model.ts';
import { printYaml } from './yaml-text.ts';

/** How files and secrets reach the containers: the only difference between the two forms. */
interface Delivery {
  /** Keys added to one service. */
  service(container: ContainerModel): JsonObject;
  /** Top-level keys. */
  top(): JsonObject;
  /** Value of an environment variable that holds a secret. */
  secretValue(secret: string): string;
}

const configName = (path: string): string => path.replaceAll('/', '-');

/** Compose hashes the service definition only: without this label changed files would leave the old behaviour running. */
function configHash(model: ComposeModel, container: ContainerModel): string {
  const texts = container.files.map((file) => `${file.path}\n${model.files.get(file.path) ?? ''}`);
  return sha256Hex(texts.join('\n')).slice(0, 12);
}

function environmentOf(container: ContainerModel, delivery: Delivery): JsonObject {
  const all: [string, string][] = [];
  for (const key of sortedKeys(container.environment)) all.push([key, doubleDollars(container.environment[key] ?? '')]);
  for (const key of sortedKeys(container.interpolated)) all.push([key, container.interpolated[key] ?? '']);
  for (const key of sortedKeys(container.secretEnvironment)) {
    all.push([key, delivery.secretValue(container.secretEnvironment[key] ?? '')]);
  }
  return Object.fromEntries(all);
}

function deployOf(container: ContainerModel): JsonObject {
  const replicas = container.replicas > 1 ? { replicas: container.replicas } : {};
  const limits = container.limits ? { resources: { limits: { ...container.limits } } } : {};
  const deploy: JsonObject = { ...replicas, ...limits };
  return Object.keys(deploy).length > 0 ? { deploy } : {};
}

function serviceOf(model: ComposeModel, container: ContainerModel, delivery: Delivery): JsonObject {
  const environment = environmentOf(container, delivery);
  return {
    image: container.image,
    ...(container.profiles.length > 0 ? { profiles: container.profiles } : {}),
    ...(container.user ? { user: container.user } : {}),
    ...(container.hostname ? { hostname: container.hostname } : {}),
    ...(container.isRuntime ? { init: true } : {}),
    ...(container.command ? { command: container.command } : {}),
    restart: container.restart,
    stop_grace_period: `${container.stopGraceSeconds}s`,
    ...(container.isRuntime ? { cap_drop: ['ALL'] } : {}),
    security_opt: ['no-new-privileges:true'],
    networks: container.networks,
    ...(container.ports.length > 0 ? { ports: container.ports } : {}),
    ...(container.expose ? { expose: container.expose } : {}),
    ...(Object.keys(environment).length > 0 ? { environment } : {}),
    ...delivery.service(container),
    ...(container.shmSize ? { shm_size: container.shmSize } : {}),
    ...(container.dependsOn.length > 0
      ? { depends_on: Object.fromEntries(container.dependsOn.map((name) => [name, { condition: 'service_healthy' }])) }
      : {}),
    ...(container.healthcheck ? { healthcheck: container.healthcheck } : {}),
    ...deployOf(container),
    ...(container.files.length > 0 ? { labels: { 'servarium.config-hash': configHash(model, container) } } : {}),
  };
}

const volumeList = (container: ContainerModel): JsonObject[] =>
  sortedKeys(container.volumes).map((name) => ({
    type: 'volume',
    source: name,
    target: container.volumes[name] ?? '',
  }));

/** Zip: files lie beside compose.yaml and are mounted read-only, passwords come from `.env`. */
function mountedDelivery(model: ComposeModel): Delivery {
  return {
    service(container) {
      const mounts: JsonObject[] = container.files.map((file) => ({
        type: 'bind',
        source: `./${file.path}`,
        target: file.target,
        read_only: true,
        // A missing file is an error, not a new empty folder.
        bind: { create_host_path: false },
      }));
      const volumes = [...mounts, ...volumeList(container)];
      return {
        ...(container.secrets.length > 0 ? { secrets: container.secrets } : {}),
        ...(volumes.length > 0 ? { volumes } : {}),
      };
    },
    top() {
      const names = [...model.secrets.keys()].sort();
      if (names.length === 0) return {};
      return { secrets: Object.fromEntries(names.map((name) => [name, { environment: secretVariable(name) }])) };
    },
    secretValue: (secret) => `\${${secretVariable(secret)}:?set ${secretVariable(secret)} in .env}`,
  };
}

/** Single file: everything is an inline config, passwords included. */
function inlineDelivery(model: ComposeModel): Delivery {
  return {
    service(container) {
      const configs: JsonObject[] = container.files.map((file) => ({
        source: configName(file.path),
        target: file.target,
      }));
      for (const secret of container.secrets) configs.push({ source: secret, target: `/run/secrets/${secret}` });
      const volumes = volumeList(container);
      return {
        ...(configs.length > 0 ? { configs } : {}),
        ...(volumes.length > 0 ? { volumes } : {}),
      };
    },
    top() {
      const used = new Set(model.containers.flatMap((one) => one.files.map((file) => file.path)));
      const configs: [string, Json][] = [...model.secrets.keys()]
        .sort()
        .map((name) => [name, { content: doubleDollars(model.secrets.get(name) ?? '') }]);
      for (const path of [...used].sort()) {
        configs.push([configName(path), { content: doubleDollars(model.files.get(path) ?? '') }]);
      }
      return { configs: Object.fromEntries(configs) };
    },
    secretValue: (secret) => doubleDollars(model.secrets.get(secret) ?? ''),
  };
}

/** Text of compose.yaml. `x-servarium.topology` is the whole document as JSON text, so that importing restores the canvas exactly. */
export function composeText(model: ComposeModel, form: 'zip' | 'single'): string {
  const delivery = form === 'zip' ? mountedDelivery(model) : inlineDelivery(model);
  const networks = [...new Set(model.containers.flatMap((one) => one.networks))].sort();
  const volumes = model.containers.flatMap((one) => sortedKeys(one.volumes)).sort();
  const root: JsonObject = {
    name: model.project,
    services: Object.fromEntries(model.containers.map((one) => [one.name, serviceOf(model, one, delivery)])),
    networks: Object.fromEntries(networks.map((name) => [name, {}])),
    ...(volumes.length > 0 ? { volumes: Object.fromEntries(volumes.map((name) => [name, {}])) } : {}),
    ...delivery.top(),
    'x-servarium': { version: 1, topology: doubleDollars(`${printableJson(model.document)}\n`) },
  };
  return printYaml(root);
}

/** Text of `.env`: the port of the gateway and a password per database and broker. */
export function envText(model: ComposeModel): string {
  const lines = ['# Passwords were made at random for this export. Keep this file out of version control.'];
  for (const name of [...model.secrets.keys()].sort())
    lines.push(`${secretVariable(name)}=${model.secrets.get(name) ?? ''}`);
  return `${lines.join('\n')}\n`;
}
