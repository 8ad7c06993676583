import { ChevronDown, ChevronUp } from 'lucide-react';
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { IconButton } from '../kit/button.tsx';
import { useProblems } from '../run/use-document-facts.ts';
import { useRun } from '../run/use-run.ts';
import { useServices, useView } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { DataPanel } from './data-panel.tsx';
import { DRAWER_TABS, setDrawerTab, showDrawerTab, useDrawerTab, type DrawerTab } from './drawer-tab.ts';
import styles from './drawer.module.css';
import { LogsPanel } from './logs-panel.tsx';
import { ProblemsPanel } from './problems-panel.tsx';
import { RequestsPanel } from './requests-panel.tsx';
import { SagasPanel } from './sagas-panel.tsx';
import { TracesPanel } from './traces-panel.tsx';

const PANELS: Readonly<Record<DrawerTab, () => ReactNode>> = {
  requests: () => <RequestsPanel />,
  traces: () => <TracesPanel />,
  logs: () => <LogsPanel />,
  sagas: () => <SagasPanel />,
  data: () => <DataPanel />,
  problems: () => <ProblemsPanel />,
};
interface Count {
  count: number;
  tone: 'plain' | 'amber' | 'err';
}

/** The panels under the canvas; collapsed it is a row of tabs. Fills its parent; the shell sizes it. */
export function DrawerPanels() {
  const { t } = useText();
  const { view } = useServices();
  const tab = useDrawerTab();
  const isOpen = useView(({ panels }) => panels.drawer.open);
  const list = useRef<HTMLDivElement>(null);
  const toggle = (): void => {
    const { drawer } = view.get().panels;
    view.setPanels({ drawer: { ...drawer, open: !drawer.open } });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = DRAWER_TABS[(DRAWER_TABS.indexOf(tab) + step + DRAWER_TABS.length) % DRAWER_TABS.length];
    if (next === undefined) return;
    event.preventDefault();
    setDrawerTab(next);
    list.current?.querySelector<HTMLElement>(`#drawer-tab-${next}`)?.focus();
  };
  return (
    <div className={styles.drawer} data-testid="drawer">
      <div className={styles.tabs}>
        <div ref={list} role="tablist" aria-label={t('drawer.label')} style={{ display: 'contents' }}>
          {DRAWER_TABS.map((name) => (
            <Tab key={name} name={name} isChosen={isOpen && name === tab} isStop={name === tab} onKeyDown={onKeyDown} />
          ))}
        </div>
        <span className={styles.grow} />
        <IconButton label={t(isOpen ? 'drawer.collapse' : 'drawer.expand')} aria-expanded={isOpen} onClick={toggle}>
          {isOpen ? <ChevronDown size={14} aria-hidden="true" /> : <ChevronUp size={14} aria-hidden="true" />}
        </IconButton>
      </div>
      {isOpen && (
        <div className={styles.panel} role="tabpanel" id="drawer-panel" aria-labelledby={`drawer-tab-${tab}`}>
          {PANELS[tab]()}
        </div>
      )}
    </div>
  );
}

interface TabProps {
  name: DrawerTab;
  isChosen: boolean;
  isStop: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
}

function Tab({ name, isChosen, isStop, onKeyDown }: TabProps) {
  const { t, number } = useText();
  const { view } = useServices();
  const { count, tone } = useCount(name);
  return (
    <button
      type="button"
      role="tab"
      id={`drawer-tab-${name}`}
      className={styles.tab}
      aria-selected={isChosen}
      aria-controls={isChosen ? 'drawer-panel' : undefined}
      tabIndex={isStop ? 0 : -1}
      onKeyDown={onKeyDown}
      onClick={() => showDrawerTab(name, view)}
    >
      {t(`drawer.${name}`)}
      {count > 0 && (
        <span className={styles.count} data-tone={tone}>
          {number(count)}
        </span>
      )}
    </button>
  );
}

/** The figure beside a tab: how much there is to read. */
function useCount(name: DrawerTab): Count {
  const problems = useProblems();
  const count = useRun(({ view }) => {
    if (name === 'traces') return view.traces.size + view.dropped.traces;
    if (name === 'logs') return view.logs.length + view.dropped.logs;
    if (name === 'sagas') return view.sagas.size;
    return 0;
  });
  const undone = useRun(({ view }) => {
    if (name !== 'sagas') return false;
    for (const saga of view.sagas.values()) if (saga.state === 'compensated' || saga.state === 'failed') return true;
    return false;
  });
  if (name === 'problems') {
    const isError = problems.some((problem) => problem.severity === 'error');
    return { count: problems.length, tone: isError ? 'err' : 'amber' };
  }
  return { count, tone: undone ? 'amber' : 'plain' };
}
