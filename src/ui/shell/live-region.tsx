import { wordsOf } from '../kit/use-command.ts';
import { useView } from '../services.tsx';
import { useText } from '../text/use-text.tsx';

/** Tells screen readers what just happened. */
export function LiveRegion() {
  const texts = useText();
  const announcement = useView((view) => view.announcement);
  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="live">
      {announcement && (
        <span key={announcement.n}>{wordsOf(texts, announcement.words.key, announcement.words.values)}</span>
      )}
    </div>
  );
}
