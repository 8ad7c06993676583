import { createContext, useContext, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { DocumentState } from '../app/document/document-store.ts';
import type { Services } from '../app/services.ts';
import type { ViewState } from '../app/view/view-state.ts';

const ServicesContext = createContext<Services | null>(null);

/** Gives the services to everything below. */
export function ServicesProvider({ services, children }: { services: Services; children: ReactNode }) {
  return <ServicesContext value={services}>{children}</ServicesContext>;
}

/** The services; throws outside of the provider (a bug). */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('Assertion failed: useServices is called inside ServicesProvider');
  return services;
}

/** A part of the view state; renders again only when that part changes. */
export const useView = <T,>(select: (state: ViewState) => T): T => useStore(useServices().view.store, select);

/** A part of the document state; renders again only when that part changes. */
export const useDocument = <T,>(select: (state: DocumentState) => T): T =>
  useStore(useServices().documents.store, select);
