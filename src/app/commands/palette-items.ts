import type { IconName } from './icon-names.ts';

export type PaletteCategory = 'traffic' | 'entry' | 'services' | 'data' | 'messaging';
/** Something that can be put on the canvas; `preset` names it in core/topology. */
export interface PaletteItem {
  readonly preset: string;
  readonly category: PaletteCategory;
  readonly icon: IconName;
  /** Text key of its name. */
  readonly label: string;
  /** Only shown after "more" or when it is searched for. */
  readonly isRare?: boolean;
}

const item = (
  category: PaletteCategory,
  preset: string,
  icon: IconName,
  rest: Partial<PaletteItem> = {},
): PaletteItem => ({ preset, category, icon, label: `preset.${preset}`, ...rest });

/** What the palette offers, in the order of the chapter. Nothing that is not executed yet. */
export const PALETTE_ITEMS: readonly PaletteItem[] = [
  item('traffic', 'client-web', 'client'),
  item('traffic', 'client-mobile', 'client-mobile', { isRare: true }),
  item('traffic', 'client-iot', 'client-iot', { isRare: true }),
  item('entry', 'gateway', 'gateway'),
  item('entry', 'registry', 'registry'),
  item('entry', 'registry-eureka', 'registry', { isRare: true }),
  item('entry', 'registry-etcd', 'registry', { isRare: true }),
  item('entry', 'registry-zookeeper', 'registry', { isRare: true }),
  item('services', 'blank', 'service'),
  item('services', 'user', 'user'),
  item('services', 'auth', 'auth'),
  item('services', 'product', 'product'),
  item('services', 'order', 'order'),
  item('services', 'payment', 'payment'),
  item('services', 'inventory', 'inventory'),
  item('services', 'shipping', 'shipping'),
  item('services', 'email', 'email'),
  item('services', 'category', 'category', { isRare: true }),
  item('services', 'search', 'service-search', { isRare: true }),
  item('services', 'cart', 'cart', { isRare: true }),
  item('services', 'billing', 'billing', { isRare: true }),
  item('services', 'notification', 'notification', { isRare: true }),
  item('services', 'analytics', 'analytics', { isRare: true }),
  item('data', 'database-table', 'table'),
  item('data', 'database-document', 'document'),
  item('messaging', 'broker', 'broker'),
];
