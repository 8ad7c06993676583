import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { useText } from '../text/use-text.tsx';
import { IconButton } from './button.tsx';
import styles from './dialog.module.css';
import { useReturnFocus } from './use-return-focus.ts';

interface DialogProps {
  title: string;
  /** Hides the title for the eye (the content shows its own). */
  isBare?: boolean;
  width?: number;
  /** Holds nothing but text: its body takes the focus, so that the keyboard can scroll it. */
  isText?: boolean;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
}

/** What the Tab key reaches; a switch has a hidden input that it does not. */
const CONTROL = ':is(button, input, select, textarea, a[href], [tabindex]):not(:disabled, [tabindex="-1"])';

/**
 * A modal dialog: focus goes to its first control, to its text when it is one, else to its title; it stays inside, Escape and a press outside close it,
 * then it returns to where it was. Load it lazily.
 */
export function Dialog({ title, isBare, isText, width = 480, onClose, children, footer }: DialogProps) {
  const { t } = useText();
  const finalFocus = useReturnFocus();
  const heading = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  // The button that closes it stands first, but nobody opens a dialog for that.
  const initialFocus = () =>
    isText ? body.current : (body.current?.querySelector<HTMLElement>(CONTROL) ?? heading.current);
  return (
    <BaseDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles.scrim} />
        <BaseDialog.Popup
          initialFocus={initialFocus}
          finalFocus={finalFocus}
          className={styles.dialog}
          style={{ width }}
          data-bare={isBare}
        >
          <div className={isBare ? 'visually-hidden' : styles.head}>
            <BaseDialog.Title ref={heading} tabIndex={-1} className={styles.title}>
              {title}
            </BaseDialog.Title>
            {!isBare && (
              <IconButton label={t('app.close')} onClick={onClose}>
                <X size={16} aria-hidden="true" />
              </IconButton>
            )}
          </div>
          <div ref={body} className={styles.body} {...(isText && { tabIndex: 0, role: 'region', 'aria-label': title })}>
            {children}
          </div>
          {footer && <div className={styles.foot}>{footer}</div>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
