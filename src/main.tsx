import { begun } from './boot.ts';
import './ui/theme/tokens.css';
import './ui/theme/base.css';
import { lazy, StrictMode, Suspense, useCallback, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createAutomation, type Automation } from './app/automation/automation.ts';
import { addCommands } from './app/commands/add-commands.ts';
import { bindClipboard, bindShortcuts } from './app/commands/bind-shortcuts.ts';
import { createCommandRegistry } from './app/commands/command.ts';
import { documentCommands } from './app/commands/document-commands.ts';
import { editCommands } from './app/commands/edit-commands.ts';
import { faultCommands } from './app/commands/fault-commands.ts';
import { prefetchPlans } from './app/commands/edit-plans.ts';
import { nodeCommands } from './app/commands/node-commands.ts';
import { viewCommands } from './app/commands/view-commands.ts';
import { messageCommands } from './app/run/message-commands.ts';
import { restartCommands } from './app/run/restart-commands.ts';
import { runCommands } from './app/run/run-commands.ts';
import { createRunStore, type RunStore } from './app/run/run-store.ts';
import type { Services } from './app/services.ts';
import { createViewStore } from './app/view/view-store.ts';
import { openWorkspace, type Workspace } from './app/workspace.ts';
import { holdEdge } from './hosts/browser/edge-hold.ts';
import { frameFor } from './ui/canvas/layout.ts';
import { showDrawerTab } from './ui/drawer/drawer-tab.ts';
import { Drawer } from './ui/drawer/lazy-drawer.tsx';
import { waitForDots } from './ui/kit/first-dots.ts';
import { prefetchMenus } from './ui/kit/menu.tsx';
import { RunBar } from './ui/run-bar/run-bar.tsx';
import { labelled, withTitles } from './ui/run/use-document-facts.ts';
import { RunProvider } from './ui/run/use-run.ts';
import { ServicesProvider, useServices, useView } from './ui/services.tsx';
import { App, type RunSlots } from './ui/shell/app.tsx';
import { downloadFile, pickFile } from './ui/shell/browser-files.ts';
import { CrashBoundary, type CrashReport } from './ui/shell/crash-boundary.tsx';
import { onCrash, reportCrash } from './ui/shell/crash-reports.ts';
import { loadTexts, textsOf } from './ui/text/texts.ts';
import { TextProvider } from './ui/text/use-text.tsx';
import { applyTheme } from './ui/theme/apply-theme.ts';
import { Timeline } from './ui/timeline/timeline.tsx';

declare global {
  interface Window {
    /** For lessons, embedding and tests. */
    servarium: Automation;
  }
}

const CrashOverlay = lazy(() =>
  import('./ui/shell/crash-overlay.tsx').then((module) => ({ default: module.CrashOverlay })),
);
/** px of window height from which canvas and drawer both have room. */
const TALL = 800;
const slotsWith = ({ PacketLayer }: Awaited<typeof begun.packets>): RunSlots => ({
  runBar: <RunBar />,
  timeline: <Timeline />,
  packets: <PacketLayer />,
  drawer: <Drawer />,
});

function commandsFor(services: Services, run: RunStore): void {
  const { commands, view, documents } = services;
  const words = () => textsOf(view.get().language);
  commands.add([
    ...runCommands(run, () => {
      const { demo } = documents.get().document;
      return demo && labelled(demo, view.get().language);
    }),
    ...restartCommands({ documents, view, run, newSeed: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 1 }),
    ...editCommands({
      ...services,
      frame: frameFor,
      contextTitle: () => words().t('group.untitled'),
      arrange: async (...asked) => (await import('./ui/canvas/arrange.ts')).arrange(...asked),
    }),
    ...viewCommands(services),
    ...documentCommands(services),
    ...nodeCommands(services, run),
    ...faultCommands(services, run),
    ...messageCommands(run, () => showDrawerTab('traces', view)),
    ...addCommands(services),
  ]);
}

/** Wall ms after which what waits for a run's first move waits no longer: there may be none. */
const NO_RUN_MS = 4_000;
/** Wall ms after which what waits for an idle page waits no longer: a run at full speed leaves no idle moment. */
const BUSY_MS = 500;

/** Wall ms for which a run that has booted may wait for the page; one that stands longer was told to. */
const WAITING_MS = 300;

/** Settles when the run moves and the page has nothing to do: until then line and processor belong to the first dots. */
async function firstDots(run: RunStore): Promise<void> {
  await new Promise<void>((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const within = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(finish, ms);
    };
    const stop = run.subscribe(() => {
      const { status } = run.get().state;
      if (status === 'paused') within(WAITING_MS);
      else if (status !== 'idle' && status !== 'booting') finish();
    });
    const finish = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    within(NO_RUN_MS);
  });
  const idle = window.requestIdleCallback ?? ((callback: () => void) => setTimeout(callback, BUSY_MS));
  await new Promise<void>((resolve) => void idle(() => resolve(), { timeout: BUSY_MS }));
}

/** After the first dots: what the next press will need, and the way in for real fetches. */
function prefetch(run: RunStore, workspace: Workspace, base: URL, openEdge: () => void): void {
  const { documents } = workspace;
  void prefetchPlans();
  void prefetchMenus();
  void import('./ui/inspector/inspector.tsx');
  void import('./ui/message/message-panel.tsx');
  void import('./ui/shell/dialogs/command-palette.tsx');
  const edge = import('./hosts/browser/edge.ts').then(({ startEdge }) =>
    startEdge({
      base,
      nodeOf: (name) => {
        const { nodes } = documents.get().document;
        if (Object.hasOwn(nodes, name)) return name;
        return Object.entries(nodes).find(([, node]) => node.name === name)?.[0] ?? null;
      },
      owns: () => !workspace.isReadOnly(),
      answer: (node, request) => run.port.edge(node, request),
    }),
  );
  void edge.finally(openEdge);
}

function Root({ services, run, slots }: { services: Services; run: RunStore; slots: RunSlots }) {
  const [crash, setCrash] = useState<CrashReport | null>(null);
  useEffect(() => onCrash(setCrash), []);
  const seed = services.documents.get().document.seed;
  return (
    <ServicesProvider services={services}>
      <RunProvider value={run}>
        <Worded>
          <CrashBoundary onCrash={reportCrash}>
            <App slots={slots} />
          </CrashBoundary>
          <Suspense>
            {crash && (
              <CrashOverlay
                report={crash}
                seed={seed}
                onDownload={async () =>
                  downloadFile('servarium-log.ndjson', await run.port.log(), 'application/x-ndjson')
                }
              />
            )}
          </Suspense>
        </Worded>
      </RunProvider>
    </ServicesProvider>
  );
}

function Worded({ children }: { children: React.ReactNode }) {
  const language = useView((view) => view.language);
  const theme = useView((view) => view.theme);
  useEffect(() => applyTheme(document.documentElement, theme), [theme]);
  const { documents } = useServices();
  const named = useCallback((text: string) => withTitles(text, documents.get().document.nodes), [documents]);
  return (
    <TextProvider language={language} named={named}>
      {children}
    </TextProvider>
  );
}

async function main(): Promise<void> {
  const { base, storage, example, port, packets } = begun;
  const openEdge = holdEdge(base);
  const view = createViewStore(storage, navigator.languages, window.innerHeight >= TALL);
  applyTheme(document.documentElement, view.get().theme);
  const run = createRunStore(port, {
    frame: (callback) => void requestAnimationFrame(callback),
    wallMs: () => performance.now(),
  });
  const drawn = firstDots(run);
  if (example !== null) waitForDots(drawn);
  const [workspace, packetLayer] = await Promise.all([
    openWorkspace({
      view,
      run,
      storage,
      base,
      example,
      validate: async (document) => (await import('./core/topology/check/validate.ts')).validateDocument(document),
      firstDots: () => drawn,
      untitled: () => textsOf(view.get().language).t('app.untitled'),
      showProblems: () => showDrawerTab('problems', view),
    }),
    packets,
    loadTexts(view.get().language),
  ]);
  // Another tab runs this document: what was begun ahead has no reader.
  if (workspace.isReadOnly()) void run.close();
  const commands = createCommandRegistry(reportError);
  const files = { ...workspace, pick: pickFile, download: downloadFile };
  const services: Services = { documents: workspace.documents, view, commands, files };
  commandsFor(services, run);
  bindShortcuts(window, services);
  bindClipboard(window, services);
  window.servarium = createAutomation({
    run,
    document: () => workspace.documents.get().document,
    open: workspace.load,
  });
  run.subscribe(() => {
    const { status, failure } = run.get().state;
    if (status === 'failed' && failure !== null) reportCrash({ message: failure, details: '' });
  });
  const root = document.getElementById('root');
  if (!root) throw new Error('Assertion failed: index.html has #root');
  createRoot(root).render(
    <StrictMode>
      <Root services={services} run={run} slots={slotsWith(packetLayer)} />
    </StrictMode>,
  );
  // A tab that only reads runs nothing that could move.
  if (!workspace.isReadOnly()) await drawn;
  prefetch(run, workspace, base, openEdge);
}

void main();
