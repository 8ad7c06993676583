import type { MarkView } from '../../core/telemetry/view.ts';
import type { Texts } from '../text/texts.ts';

/** Title of an instance: its node's and its number. */
export function instanceTitle(instance: string, title: (id: string) => string): string {
  const at = instance.lastIndexOf('#');
  return at < 0 ? title(instance) : `${title(instance)} #${instance.slice(at + 1)}`;
}

/** Why a probe failed, as the log gives it (`HTTP 503, 3 in a row`), in words. */
export function probeReason(reason: string, { t, reason: words }: Texts): string {
  const [, what, count] = /^(.*), (\d+) in a row$/.exec(reason) ?? [];
  if (what === undefined) return words(reason);
  const status = /^HTTP (\d+)$/.exec(what)?.[1];
  if (status !== undefined) return t('probe.status', { status, count: Number(count) });
  return t('probe.other', { what: words(what), count: Number(count) });
}

/** What a mark of the timeline stands for, in one sentence without its full stop. */
export function markWords(mark: MarkView, title: (id: string) => string, texts: Texts): string {
  const { t } = texts;
  const { values = {} } = mark;
  const { node = '', to = '', instance = '', reason = '', version = '', done = '', total = '', probe = '' } = values;
  switch (mark.kind) {
    case 'breaker':
      return t('mark.breaker', { node: title(node), to: title(to) });
    case 'ejection':
      return t('mark.ejection', {
        node: title(node),
        instance: instanceTitle(instance, title),
        reason: texts.reason(reason),
      });
    case 'release':
      return t('mark.release', { node: title(node), version, done, total });
    case 'probe':
      return t('mark.probe', {
        instance: instanceTitle(instance, title),
        probe,
        reason: probeReason(reason, texts),
      });
    default:
      return plainWords(mark, title, texts);
  }
}

/** Marks whose text begins with the id that it is about. */
function plainWords({ kind, text }: MarkView, title: (id: string) => string, { t, reason }: Texts): string {
  const at = text.indexOf(':');
  const node = title(at < 0 ? text : text.slice(0, at));
  const why = at < 0 ? '' : reason(text.slice(at + 1).trim());
  if (kind === 'fault') return t('narrate.fault', { what: `${node}: ${why}` });
  return t(kind === 'crash' ? 'narrate.crash' : 'narrate.failed', { node, reason: why });
}
