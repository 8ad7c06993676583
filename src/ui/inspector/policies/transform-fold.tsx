import type { Transform } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { withoutUndefined } from '../record.ts';
import { OptionalFold } from './fold.tsx';
import styles from './policies.module.css';
import { SpecFields } from './spec-fields.tsx';
import { summariesOf } from './summaries.ts';

type Side = 'request' | 'response';
interface SideRecord {
  headers?: Record<string, unknown> | undefined;
  status?: number | string | undefined;
}

/** What is changed in requests and replies on the way; an emptied side is absent. */
export function TransformFold({
  value,
  onCommit,
}: {
  value: Transform | undefined;
  onCommit: Commit<Transform | undefined>;
}) {
  const texts = useText();
  const { t } = texts;
  const put = (transform: Transform, side: Side, next: SideRecord): Transform => {
    const headers = next.headers && Object.keys(next.headers).length > 0 ? next.headers : undefined;
    const changed = withoutUndefined({
      ...next,
      headers,
      ...(side === 'response' && { status: statusOf(next.status) }),
    });
    const record = Object.keys(changed).length > 0 ? changed : undefined;
    return withoutUndefined({ ...transform, [side]: record }) as Transform;
  };
  return (
    <OptionalFold
      title={t('policy.transform')}
      explain={t('policy.transform.tip')}
      value={value}
      fresh={{}}
      summary={summariesOf(texts).transform}
      onCommit={onCommit}
    >
      {(transform, change) =>
        (['request', 'response'] as const).map((side) => {
          const own: SideRecord = transform[side] ?? {};
          return (
            <div key={side} className={styles.subfields} role="group" aria-label={t(`transform.${side}`)}>
              <h4 className={styles.group}>{t(`transform.${side}`)}</h4>
              <SpecFields
                area="headers"
                value={own.headers ?? {}}
                onChange={(headers) => change(put(transform, side, { ...own, headers }))}
              />
              <SpecFields
                area={`transform.${side}`}
                value={own}
                onChange={(next) => change(put(transform, side, next))}
              />
            </div>
          );
        })
      }
    </OptionalFold>
  );
}

/** A status as the document has it: a number, or an expression. */
const statusOf = (status: number | string | undefined): number | string | undefined =>
  typeof status === 'string' && /^\d+$/.test(status) ? Number(status) : status;
