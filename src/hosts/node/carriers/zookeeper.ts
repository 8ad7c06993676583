import type { Payload } from '../../../core/fabric/message.ts';
import type { Carrier, Inbox } from '../carrier.ts';
import { answeringCarrier, type RegistryOptions } from './registry-carrier.ts';
import { openSession, ZK_ERROR, ZooKeeperError, type ZooKeeperSession } from './zookeeper-wire.ts';

const ROOT = '/services';
const pathOf = (service: string): string => `${ROOT}/${service}`;

/** Registration as an ephemeral node whose session lives by heartbeats, discovery by children and one-shot watches: ZooKeeper's own protocol. */
export function zookeeperCarrier(
  inbox: Inbox,
  options: RegistryOptions & { timeoutMs: number; heartbeatMs: number },
): Carrier {
  let current: Promise<ZooKeeperSession> | null = null;
  let closed = false;

  /** The session of this container; a lost one is told, and the next call opens another. */
  function session(): Promise<ZooKeeperSession> {
    current ??= openSession(
      { host: options.host, port: options.port },
      { timeoutMs: options.timeoutMs },
      {
        watch(path) {
          const service = path.slice(ROOT.length + 1);
          inbox.arrive(options.registry, { kind: 'registry.notice', service, index: 0, addresses: null });
        },
        end(reason) {
          current = null;
          if (!closed) inbox.down(options.registry, reason);
        },
      },
    ).catch((error: unknown) => {
      current = null;
      throw error;
    });
    return current;
  }
  // A caller registers nothing and so sends no heartbeats: its session and watches live by these.
  const pings = setInterval(
    () => void current?.then((open) => open.ping()).catch(() => undefined),
    options.heartbeatMs,
  );
  pings.unref();

  const tolerating = async (code: number, work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.code !== code) throw error;
    }
  };

  async function register(service: string, address: string): Promise<Payload> {
    const open = await session();
    for (const path of [ROOT, pathOf(service)])
      await tolerating(ZK_ERROR.nodeExists, open.create(path, '', 'persistent'));
    const own = `${pathOf(service)}/${options.instance}`;
    // One of a former session of this container may still be there.
    await tolerating(ZK_ERROR.noNode, open.remove(own));
    await open.create(own, address, 'ephemeral');
    return { kind: 'registry.ok' };
  }

  async function discover(service: string, watch: boolean): Promise<Payload> {
    const open = await session();
    for (const path of [ROOT, pathOf(service)])
      await tolerating(ZK_ERROR.nodeExists, open.create(path, '', 'persistent'));
    const instances = (await open.children(pathOf(service), watch)).sort();
    const addresses: { instance: string; address: string }[] = [];
    for (const instance of instances) {
      const address = await open.data(`${pathOf(service)}/${instance}`).catch(() => null);
      // It left between the two questions.
      if (address === null) continue;
      options.onAddress(instance, address);
      addresses.push({ instance, address });
    }
    return { kind: 'registry.result', service, addresses };
  }

  return answeringCarrier(
    inbox,
    async (payload): Promise<Payload> => {
      switch (payload.kind) {
        case 'registry.register':
          return register(payload.service, payload.address);
        case 'registry.heartbeat':
          if (current === null) return { kind: 'registry.unknown', service: payload.service };
          await (await session()).ping();
          return { kind: 'registry.ok' };
        case 'registry.deregister':
          await tolerating(ZK_ERROR.noNode, (await session()).remove(`${pathOf(payload.service)}/${options.instance}`));
          return { kind: 'registry.ok' };
        case 'registry.discover':
          return discover(payload.service, payload.watch === true);
        default:
          return { kind: 'registry.ok' };
      }
    },
    async () => {
      closed = true;
      clearInterval(pings);
      await current?.then((open) => open.close()).catch(() => undefined);
    },
  );
}
