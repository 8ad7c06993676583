import { parseProto } from '../../../core/grpc/parse-proto.ts';
import { rpcsOf, type Rpc } from '../../../core/grpc/rpcs.ts';
import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import { defaultGrpc } from '../../../core/topology/wiring/default-grpc.ts';
import { handlersOf } from '../../../core/topology/steps.ts';
import type { GrpcMethod, GrpcService, NodeOf } from '../../../core/topology/schema/types.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField, TextField } from '../fields.tsx';
import styles from '../inspector.module.css';
import { ListField } from '../list-field.tsx';
import { NumberField } from '../number-field.tsx';
import { OptionalFields } from '../record-fields.tsx';
import { Section } from '../section.tsx';
import { StepList } from '../steps/step-list.tsx';
import { StepOwner, type Answers } from '../steps/step-owner.ts';
import { useConfig } from '../use-config.ts';
import { SagaFields } from './saga-fields.tsx';

/** What a service says about itself over gRPC: its proto and what each method does. */
export function GrpcForm({ id, node }: { id: string; node: NodeOf<'service'> }) {
  const { t } = useText();
  const { set } = useConfig<'service'>(id);
  const document = useDocument((state) => state.document);
  return (
    <Section title={t('link.grpc')} aside={t('grpc.tip')}>
      <OptionalFields
        label={t('grpc.answers')}
        value={node.config.grpc}
        fresh={defaultGrpc(document, id, node)}
        onCommit={set('grpc')}
      >
        {(grpc, change) => <Described id={id} node={node} grpc={grpc} onChange={change} />}
      </OptionalFields>
    </Section>
  );
}

const answersOf = (method: GrpcMethod, rpcs: readonly Rpc[]): Answers =>
  rpcs.some(({ rpc, serverStreaming }) => rpc === method.rpc && serverStreaming) ? 'stream' : 'unary';

interface DescribedProps {
  id: string;
  node: NodeOf<'service'>;
  grpc: GrpcService;
  onChange: Commit<GrpcService>;
}

function Described({ id, node, grpc, onChange }: DescribedProps) {
  const { t } = useText();
  const file = parseProto(grpc.proto);
  const rpcs = file.ok ? rpcsOf(file.value) : [];
  const free = rpcs.find(({ rpc }) => !grpc.methods.some((method) => method.rpc === rpc));
  const make = (rpc: string, isStream: boolean): GrpcMethod => ({
    id: freeId(
      (rpc.split('/')[1] ?? 'method').replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase(),
      new Set(handlersOf(node.config).map((handler) => handler.id)),
    ),
    rpc,
    steps: isStream ? [{ id: 'send', do: 'send', body: {} }] : [{ id: 'answer', do: 'respond', status: 200, body: {} }],
  });
  return (
    <>
      <NumberField
        label={t('field.port')}
        value={grpc.port}
        min={1}
        max={65_535}
        onCommit={(port) => onChange({ ...grpc, port })}
      />
      <TextField
        label={t('grpc.proto')}
        tip={t('grpc.proto.tip')}
        value={grpc.proto}
        lines={14}
        isMono
        onCommit={(proto) => onChange({ ...grpc, proto })}
      />
      <ListField
        items={grpc.methods}
        keyOf={(method) => method.id}
        nameOf={(method) => method.rpc}
        titleOf={(method) => <span>{method.rpc}</span>}
        onChange={(methods) => onChange({ ...grpc, methods: [...methods] })}
        add={
          free === undefined
            ? undefined
            : { label: t('grpc.addMethod'), make: () => make(free.rpc, free.serverStreaming) }
        }
        missing={t('grpc.allMethods')}
      >
        {(method, change) => (
          <>
            <SelectField
              label={t('grpc.rpc')}
              value={method.rpc}
              options={[...new Set([method.rpc, ...rpcs.map(({ rpc }) => rpc)])].map((rpc) => ({
                value: rpc,
                label: rpc,
              }))}
              onCommit={(rpc) => change({ ...method, rpc })}
            />
            <SagaFields saga={method.saga} onChange={(saga) => change({ ...method, saga } as GrpcMethod)} />
            <h4 className={styles.dim}>{t('steps.title')}</h4>
            <StepOwner value={{ service: id, allSteps: method.steps, answers: answersOf(method, rpcs) }}>
              <StepList steps={method.steps} onChange={(steps) => change({ ...method, steps })} />
            </StepOwner>
          </>
        )}
      </ListField>
    </>
  );
}
