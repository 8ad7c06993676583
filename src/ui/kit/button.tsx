import type { ComponentProps, ReactNode } from 'react';
import { ariaShortcut } from '../../app/commands/shortcut.ts';
import styles from './button.module.css';
import { classes } from './classes.ts';
import { IS_MAC } from './platform.ts';

type Look = 'plain' | 'primary' | 'ghost' | 'danger';
interface Shared extends Omit<ComponentProps<'button'>, 'className' | 'children'> {
  look?: Look;
  /** Pressed look for a state that is on. */
  isOn?: boolean;
  large?: boolean;
  /** tinykeys pattern, shown in the tooltip and told to screen readers. */
  shortcut?: string | undefined;
  /** Why it cannot be pressed; keeps the focus and tells the reason instead of going dead. */
  disabledReason?: string | null | undefined;
}
interface ButtonProps extends Shared {
  children: ReactNode;
  tip?: string;
}

/** A button whose words are a verb. */
export function Button({ look = 'plain', isOn, large, shortcut, disabledReason, tip, onClick, ...rest }: ButtonProps) {
  const dead = disabledReason != null;
  return (
    <button
      type="button"
      className={classes(styles.button, look !== 'plain' && styles[look], isOn && styles.on, large && styles.large)}
      data-tip={disabledReason ?? tip}
      data-tip-key={shortcut}
      aria-keyshortcuts={shortcut && ariaShortcut(shortcut, IS_MAC)}
      aria-disabled={dead || undefined}
      onClick={dead ? undefined : onClick}
      {...rest}
    />
  );
}

interface IconButtonProps extends Shared {
  label: string;
  children: ReactNode;
}

/** A square button with an icon; its label is the tooltip and the name for screen readers. */
export function IconButton({
  label,
  look = 'ghost',
  isOn,
  large,
  shortcut,
  disabledReason,
  onClick,
  ...rest
}: IconButtonProps) {
  const dead = disabledReason != null;
  return (
    <button
      type="button"
      className={classes(
        styles.button,
        look !== 'plain' && styles[look],
        styles.square,
        isOn && styles.on,
        large && styles.large,
      )}
      aria-label={label}
      data-tip={disabledReason ? `${label}: ${disabledReason}` : label}
      data-tip-key={shortcut}
      aria-keyshortcuts={shortcut && ariaShortcut(shortcut, IS_MAC)}
      aria-disabled={dead || undefined}
      onClick={dead ? undefined : onClick}
      {...rest}
    />
  );
}
