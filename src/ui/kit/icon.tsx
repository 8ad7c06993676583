import {
  Bell,
  Boxes,
  CreditCard,
  FolderOpen,
  FolderTree,
  Globe,
  Hand,
  Hexagon,
  LayoutTemplate,
  ListTree,
  Mail,
  Maximize,
  Minus,
  Plus,
  RadioTower,
  Receipt,
  ReceiptText,
  Redo2,
  Rows3,
  ScanSearch,
  Search,
  ShieldCheck,
  ShoppingCart,
  Smartphone,
  Split,
  Tag,
  TrendingUp,
  Truck,
  Undo2,
  User,
  type LucideIcon,
} from 'lucide-react';
import { lazy, Suspense, type ReactNode } from 'react';
import type { IconName } from '../../app/commands/icon-names.ts';
import type { MenuIconName } from './menu-icon.tsx';

const MenuIcon = lazy(() => import('./menu-icon.tsx').then((module) => ({ default: module.MenuIcon })));

/** Own glyphs for stores, on the same 24 px grid and stroke as lucide. */
const GLYPHS = {
  table: (
    <path d="M5.5 4h13a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM3.5 9.5h17M3.5 14.7h17M10 9.5V20" />
  ),
  document: (
    <path d="M9 4H8a3 3 0 0 0-3 3v2a3 3 0 0 1-2 3 3 3 0 0 1 2 3v2a3 3 0 0 0 3 3h1M15 4h1a3 3 0 0 1 3 3v2a3 3 0 0 0 2 3 3 3 0 0 0-2 3v2a3 3 0 0 1-3 3h-1" />
  ),
  index: <path d="M16 10a6 6 0 1 1-12 0 6 6 0 0 1 12 0zM14.5 14.5l6 6M7.5 10h5" />,
  'key-value': <path d="M12 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM11 11l8.5 8.5M16 16l2.5-2.5" />,
} satisfies Partial<Record<IconName, ReactNode>>;

/** Drawings of the first screen; those of menus load with the menus. */
const FIRST = {
  undo: Undo2,
  redo: Redo2,
  'zoom-in': Plus,
  'zoom-out': Minus,
  fit: Maximize,
  hand: Hand,
  search: Search,
  open: FolderOpen,
  templates: LayoutTemplate,
  add: Plus,
  client: Globe,
  'client-mobile': Smartphone,
  'client-iot': RadioTower,
  gateway: Split,
  registry: ListTree,
  service: Hexagon,
  user: User,
  auth: ShieldCheck,
  product: Tag,
  category: FolderTree,
  'service-search': ScanSearch,
  cart: ShoppingCart,
  order: ReceiptText,
  shipping: Truck,
  payment: CreditCard,
  billing: Receipt,
  inventory: Boxes,
  email: Mail,
  notification: Bell,
  analytics: TrendingUp,
  broker: Rows3,
} satisfies Record<Exclude<IconName, MenuIconName | keyof typeof GLYPHS>, LucideIcon>;

const isFirst = (name: IconName): name is keyof typeof FIRST => Object.hasOwn(FIRST, name);

/** An icon of the one set; decorative, its neighbour carries the words. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  const glyph = (GLYPHS as Partial<Record<IconName, ReactNode>>)[name];
  if (isFirst(name)) {
    const Drawing = FIRST[name];
    return <Drawing className="icon" size={size} strokeWidth={1.75} aria-hidden="true" />;
  }
  if (!glyph) {
    return (
      <Suspense fallback={<svg className="icon" width={size} height={size} aria-hidden="true" />}>
        <MenuIcon name={name} size={size} />
      </Suspense>
    );
  }
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {glyph}
    </svg>
  );
}
