import {
  ArchiveRestore,
  CircleHelp,
  ClipboardPaste,
  Command,
  Copy,
  CopyPlus,
  Download,
  FilePlus,
  Group,
  Languages,
  Map as MapIcon,
  Moon,
  MonitorUp,
  MousePointer2,
  Network,
  PanelBottom,
  PanelLeft,
  Pause,
  Pencil,
  Pin,
  Play,
  Power,
  Save,
  Scissors,
  Skull,
  Spline,
  StepForward,
  Trash2,
  Ungroup,
  Unlink,
  Unplug,
  Zap,
  type LucideIcon,
} from 'lucide-react';
import type { IconName } from '../../app/commands/icon-names.ts';
import { Icon } from './icon.tsx';

/** Drawings that only menus and lists of commands show: they load with the first of those. */
const MENU = {
  cut: Scissors,
  copy: Copy,
  paste: ClipboardPaste,
  duplicate: CopyPlus,
  delete: Trash2,
  group: Group,
  ungroup: Ungroup,
  rename: Pencil,
  connect: Spline,
  minimap: MapIcon,
  palette: PanelLeft,
  drawer: PanelBottom,
  commands: Command,
  theme: Moon,
  language: Languages,
  help: CircleHelp,
  new: FilePlus,
  save: Save,
  import: ArchiveRestore,
  export: Download,
  kill: Skull,
  start: Power,
  select: MousePointer2,
  play: Play,
  pause: Pause,
  step: StepForward,
  arrange: Network,
  outage: Unplug,
  fault: Zap,
  'cut-link': Unlink,
  move: MonitorUp,
  pin: Pin,
} as const satisfies Partial<Record<IconName, LucideIcon>>;
export type MenuIconName = keyof typeof MENU;

const isMenu = (name: IconName): name is MenuIconName => Object.hasOwn(MENU, name);

/** Any icon of the one set, at once: for what loads late itself. */
export function MenuIcon({ name, size = 16 }: { name: IconName; size?: number }) {
  if (!isMenu(name)) return <Icon name={name} size={size} />;
  const Drawing = MENU[name];
  return <Drawing className="icon" size={size} strokeWidth={1.75} aria-hidden="true" />;
}
