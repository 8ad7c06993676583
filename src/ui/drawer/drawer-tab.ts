import { useSyncExternalStore } from 'react';
import type { ViewStore } from '../../app/view/view-store.ts';

export const DRAWER_TABS = ['requests', 'traces', 'logs', 'sagas', 'data', 'problems'] as const;
export type DrawerTab = (typeof DRAWER_TABS)[number];

let tab: DrawerTab = 'requests';
const listeners = new Set<() => void>();

export function setDrawerTab(next: DrawerTab): void {
  if (next === tab) return;
  tab = next;
  for (const listener of listeners) listener();
}
/** Opens the drawer at a tab. */
export function showDrawerTab(next: DrawerTab, view: ViewStore): void {
  setDrawerTab(next);
  const { drawer } = view.get().panels;
  if (!drawer.open) view.setPanels({ drawer: { ...drawer, open: true } });
}
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
/** The tab that the drawer shows. */
export const useDrawerTab = (): DrawerTab => useSyncExternalStore(subscribe, () => tab);
