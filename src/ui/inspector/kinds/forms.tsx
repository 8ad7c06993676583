import type { ComponentType } from 'react';
import type { NodeKind, NodeOf, TopologyNode } from '../../../core/topology/schema/types.ts';
import { ClientForm } from './client-form.tsx';
import { DatabaseForm } from './database-form.tsx';
import { GatewayForm } from './gateway-form.tsx';
import { BrokerForm } from './infrastructure-forms.tsx';
import { RegistryForm } from './registry-form.tsx';
import { ServiceForm } from './service-form.tsx';

/** The settings of every kind of node: a new kind without a form does not compile. */
const FORMS = {
  client: ClientForm,
  gateway: GatewayForm,
  service: ServiceForm,
  database: DatabaseForm,
  broker: BrokerForm,
  registry: RegistryForm,
} satisfies { [K in NodeKind]: ComponentType<{ id: string; node: NodeOf<K> }> };

/** The form of a node's kind. */
export function KindForm({ id, node }: { id: string; node: TopologyNode }) {
  // Kind and record belong together; the register's type guarantees it.
  const Form = FORMS[node.kind] as ComponentType<{ id: string; node: TopologyNode }>;
  return <Form id={id} node={node} />;
}
