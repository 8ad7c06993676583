import { useServices } from '../services.tsx';
import { menuEntries } from '../kit/use-command.ts';
import { PointMenu } from '../kit/menu.tsx';
import { useText } from '../text/use-text.tsx';

export interface MenuTarget {
  kind: 'node' | 'link' | 'frame' | 'canvas';
  /** Screen coordinates. */
  at: { x: number; y: number };
}

const COMMANDS: Readonly<Record<MenuTarget['kind'], readonly string[]>> = {
  node: [
    'edit.connect',
    'edit.rename',
    '-',
    'node.start',
    'node.kill',
    'node.move',
    'fault.pause',
    'fault.outage',
    'fault.all',
    '-',
    'edit.cut',
    'edit.copy',
    'edit.duplicate',
    'edit.group',
    'edit.arrange',
    'edit.pin',
    '-',
    'view.focus',
    'view.fitSelection',
    '-',
    'edit.delete',
  ],
  link: [
    'fault.partition',
    'fault.latency',
    'fault.loss',
    'fault.duplicate',
    'fault.reorder',
    '-',
    'view.fitSelection',
    '-',
    'edit.delete',
  ],
  frame: ['edit.rename', 'edit.ungroup', '-', 'view.fitSelection', '-', 'edit.delete'],
  canvas: [
    'view.addHere',
    'edit.paste',
    '-',
    'edit.selectAll',
    'edit.arrange',
    'view.fit',
    '-',
    'view.minimap',
    'view.commands',
  ],
};

/** The context menu: the same commands as everywhere else. */
export function CanvasMenu({ target, onClose }: { target: MenuTarget; onClose: () => void }) {
  const { commands } = useServices();
  const texts = useText();
  return <PointMenu at={target.at} entries={menuEntries(COMMANDS[target.kind], commands, texts)} onClose={onClose} />;
}
