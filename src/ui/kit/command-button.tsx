import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import { useCommand } from './use-command.ts';

interface CommandButtonProps {
  id: string;
  /** Other words than the command's own. */
  label?: string;
  /** Another drawing than the command's own. */
  children?: ReactNode;
}

/** A command as a square button: its icon, its words and shortcut on hover, the reason when it cannot be done now. */
export function CommandButton({ id, label, children }: CommandButtonProps) {
  const command = useCommand(id);
  if (!command) return null;
  return (
    <IconButton
      label={label ?? command.label}
      shortcut={command.shortcut}
      disabledReason={command.disabledReason}
      onClick={command.perform}
    >
      {children ?? (command.icon && <Icon name={command.icon} />)}
    </IconButton>
  );
}
