import { useDemo } from '../run/use-document-facts.ts';
import type { TextKey } from '../text/texts.ts';
import { useText } from '../text/use-text.tsx';

/** Words of an empty panel: they name the button that fills it, when the document has one. */
export function EmptyState({ withDemo, plain }: { withDemo: TextKey; plain: TextKey }) {
  const demo = useDemo();
  const { t } = useText();
  return <p>{demo === undefined ? t(plain) : t(withDemo, { send: demo.primary.label })}</p>;
}
