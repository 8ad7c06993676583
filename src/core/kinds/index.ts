import type { ActorFactory } from '../fabric/protocol.ts';
import type { NodeKind } from '../topology/schema/types.ts';
import { brokerActor } from './broker/actor.ts';
import { clientActor } from './client/actor.ts';
import { databaseActor } from './database/actor.ts';
import { gatewayActor } from './gateway/actor.ts';
import { registryActor } from './registry/actor.ts';
import { serviceActor } from './service/actor.ts';

/** The behaviour of every kind of node; a new kind that is missing here does not compile. */
export const actorFactories = {
  client: clientActor,
  gateway: gatewayActor,
  service: serviceActor,
  database: databaseActor,
  broker: brokerActor,
  registry: registryActor,
} as const satisfies Record<NodeKind, ActorFactory>;
