import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import { addPreset } from './edit-actions.ts';
import { PALETTE_ITEMS } from './palette-items.ts';

/** A command for everything in the palette, so that the command palette and automation can add it too. */
export function addCommands(services: Services): Command[] {
  return PALETTE_ITEMS.map(({ preset, icon, label }) => ({
    id: `add.${preset}`,
    label,
    icon,
    group: 'add' as const,
    disabledReason: () => (services.documents.get().saved === 'readonly' ? 'reason.readOnly' : null),
    perform: () => {
      addPreset(services, preset, null);
    },
  }));
}
