import { Suspense, useState, type ReactNode } from 'react';
import { PANEL_LIMITS } from '../../app/view/preferences.ts';
import { selectionSize } from '../../app/view/view-state.ts';
import { Canvas } from '../canvas/canvas.tsx';
import { Splitter } from '../kit/splitter.tsx';
import { TooltipLayer } from '../kit/tooltip-layer.tsx';
import { Palette } from '../palette/palette.tsx';
import { useDocument, useServices, useView } from '../services.tsx';
import { useRun } from '../run/use-run.ts';
import { lazyWorded } from '../text/lazy-worded.ts';
import { loadFormTexts, loadPanelTexts } from '../text/texts.ts';
import { useText } from '../text/use-text.tsx';
import styles from './app.module.css';
import { Dialogs } from './dialogs/dialogs.tsx';
import { EmptyState } from './empty-state.tsx';
import { FileDrop } from './file-drop.tsx';
import { Hints } from './hints.tsx';
import { LiveRegion } from './live-region.tsx';
import { Notices } from './notices.tsx';
import { ReadOnlyBar } from './read-only-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { useWindowWidth } from './use-window-width.ts';

const Inspector = lazyWorded(loadFormTexts, async () => (await import('../inspector/inspector.tsx')).Inspector);
const MessagePanel = lazyWorded(
  loadPanelTexts,
  async () => (await import('../message/message-panel.tsx')).MessagePanel,
);

/** px of the window below which the palette is a rail, and of the canvas below which it becomes one for the inspector. */
const NARROW = 1200;
const CANVAS_MIN = 760;

/** The parts that the run brings; each is drawn in its slot. */
export interface RunSlots {
  runBar: ReactNode;
  timeline: ReactNode;
  packets: ReactNode;
  drawer: ReactNode;
}

/** The whole window: bar, palette, canvas, inspector, drawer. The canvas is the hero, the rest recedes. */
export function App({ slots }: { slots: RunSlots }) {
  const { view } = useServices();
  const { t } = useText();
  const panels = useView((state) => state.panels);
  const hasSelection = useView((state) => selectionSize(state.selection) > 0);
  const isEmpty = useDocument((state) => Object.keys(state.document.nodes).length === 0);
  const width = useWindowWidth();
  const [isPaletteUsed, setPaletteUsed] = useState(false);
  // The palette makes room for the inspector before the canvas has to; not while somebody types in it.
  const left = width - panels.palette.width - panels.inspector.width;
  const isRail = !panels.palette.open || width < NARROW || (hasSelection && left < CANVAS_MIN && !isPaletteUsed);

  return (
    <div className={styles.app}>
      <a className={styles.skip} href="#canvas">
        {t('app.skip')}
      </a>
      <TopBar runBar={slots.runBar} />
      <div className={styles.timeline}>{slots.timeline}</div>
      <div className={styles.middle}>
        {/* Only watches where the focus is, so that the palette stays open while somebody types in it. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <aside
          className={styles.palette}
          aria-label={t('palette.title')}
          style={{ width: isRail ? 'var(--w-rail)' : panels.palette.width }}
          onFocus={(event) => setPaletteUsed(event.target instanceof HTMLInputElement)}
          onBlur={() => setPaletteUsed(false)}
        >
          <Palette isRail={isRail} />
          {!isRail && (
            <Splitter
              label={t('app.resize.palette')}
              edge="right"
              size={panels.palette.width}
              limits={PANEL_LIMITS.palette}
              onResize={(width) => view.setPanels({ palette: { ...panels.palette, width } })}
            />
          )}
        </aside>
        <div className={styles.centre}>
          <main id="canvas" className={styles.canvas} tabIndex={-1} aria-label={t('canvas.label')}>
            <Canvas overlay={slots.packets}>
              {isEmpty && <EmptyState />}
              <Hints />
              <OpenMessage />
            </Canvas>
            <FileDrop />
            <ReadOnlyBar />
          </main>
          <Drawer>{slots.drawer}</Drawer>
        </div>
        {hasSelection && (
          <aside
            className={styles.inspector}
            data-inspector
            aria-label={t('inspector.title')}
            style={{ width: panels.inspector.width }}
          >
            <Splitter
              label={t('app.resize.inspector')}
              edge="left"
              size={panels.inspector.width}
              limits={PANEL_LIMITS.inspector}
              onResize={(width) => view.setPanels({ inspector: { width } })}
            />
            <Suspense>
              <Inspector />
            </Suspense>
          </aside>
        )}
      </div>
      <Dialogs />
      <Notices />
      <TooltipLayer />
      <LiveRegion />
    </div>
  );
}

/** The panel of an opened message; its code loads with the first one. */
function OpenMessage() {
  const isOpen = useRun((snapshot) => snapshot.openMessage !== null);
  return isOpen ? (
    <Suspense>
      <MessagePanel />
    </Suspense>
  ) : null;
}

/** The drawer's frame: its height is remembered; closed it is a status line. */
function Drawer({ children }: { children: ReactNode }) {
  const { view } = useServices();
  const { t } = useText();
  const drawer = useView((state) => state.panels.drawer);
  return (
    <aside
      className={styles.drawer}
      aria-label={t('drawer.label')}
      style={{ height: drawer.open ? drawer.height : 36 }}
    >
      {drawer.open && (
        <Splitter
          label={t('app.resize.drawer')}
          edge="top"
          size={drawer.height}
          limits={PANEL_LIMITS.drawer}
          onResize={(height) => view.setPanels({ drawer: { ...drawer, height } })}
        />
      )}
      {children}
    </aside>
  );
}
