import { ChevronDown, Flag, Pause, Play, RotateCcw, StepForward, Zap } from 'lucide-react';
import type { MouseEvent } from 'react';
import { isBroken, sendDemo, SPEEDS, toggleBreak } from '../../app/run/run-commands.ts';
import type { Result } from '../../core/base/result.ts';
import { faultTarget, faultWords } from '../../core/topology/schema/fault.ts';
import { Button, IconButton } from '../kit/button.tsx';
import { MenuButton, type MenuEntry } from '../kit/menu.tsx';
import { menuEntries } from '../kit/use-command.ts';
import { setPacketOptions, usePacketOptions } from '../packets/packet-options.ts';
import { formatTime } from '../run/format.ts';
import { RunNarrator } from '../run/narrator.tsx';
import { useDemo, useTitles } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useDocument, useServices } from '../services.tsx';
import type { Texts } from '../text/texts.ts';
import { useProblemWords } from '../text/problem-words.ts';
import { useText } from '../text/use-text.tsx';
import styles from './run-bar.module.css';
import { RunNote } from './run-note.tsx';
import { useLatencyEntries } from './use-latency-entries.ts';
import { useRovingFocus } from './use-roving-focus.ts';

const ICON = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

/** Play, step, speed, virtual time, seed, and the document's own buttons. */
export function RunBar() {
  const run = useRunStore();
  const { t } = useText();
  const bar = useRovingFocus();
  const isMoving = useRun(
    ({ state }) => state.status !== 'paused' && state.status !== 'idle' && state.status !== 'failed',
  );
  const reason = useRun(({ definition }) => definition === null) ? t('reason.notRunning') : null;
  return (
    <div ref={bar} className={styles.bar} role="toolbar" aria-label={t('run.bar')}>
      <IconButton
        label={t(isMoving ? 'run.pause' : 'run.play')}
        shortcut="Space"
        disabledReason={reason}
        data-testid="play"
        onClick={() => void run.togglePlay()}
      >
        {isMoving ? <Pause {...ICON} /> : <Play {...ICON} />}
      </IconButton>
      <IconButton
        label={t('run.step')}
        shortcut="Period"
        disabledReason={reason}
        data-testid="step"
        onClick={() => void run.step()}
      >
        <StepForward {...ICON} />
      </IconButton>
      <SpeedMenu />
      <Time />
      <SeedMenu />
      <DemoButtons disabledReason={reason} />
      <RunNarrator />
    </div>
  );
}

/** Virtual time, and under it one word about the run. */
function Time() {
  const { t } = useText();
  // A hundredth of a second is what an eye can follow; the label changes no more often.
  const shown = useRun(({ seekT, state }) => formatTime(seekT ?? Math.max(0, state.now)));
  return (
    <span className={styles.clock}>
      <span className={styles.time} data-tip={t('run.timeTip')} role="timer" aria-live="off" data-testid="time">
        <span className="visually-hidden">{t('run.time')} </span>
        {shown}
      </span>
      <RunNote />
    </span>
  );
}

const SEED_MENU = ['run.live', '-', 'run.again', 'run.newSeed', '-', 'run.resetRows'];

/** The seed of the run; in its menu: start again, take another seed, reset the rows. */
function SeedMenu() {
  const { commands } = useServices();
  const texts = useText();
  const { t } = texts;
  const seed = useDocument(({ document }) => document.seed);
  const running = useRun(({ definition }) => definition?.seed ?? null);
  const shown = String(running ?? seed);
  const entries = (): MenuEntry[] => [
    { kind: 'heading', id: 'seed', label: t('run.seed', { seed: shown }) },
    ...menuEntries(SEED_MENU, commands, texts),
  ];
  return (
    <MenuButton entries={entries}>
      {({ onClick, isOpen }) => (
        <Button
          look="ghost"
          tip={t('run.seedTip')}
          aria-label={t('run.menu', { seed: shown })}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          data-testid="seed"
          onClick={onClick}
        >
          <span className={styles.seed}>{t('run.seed', { seed: shown })}</span>
          <ChevronDown size={12} strokeWidth={1.75} aria-hidden="true" />
        </Button>
      )}
    </MenuButton>
  );
}

/** The words of a speed: `0.25×`, `max`. */
function speedWords(speed: number, { t, number }: Texts): string {
  return Number.isFinite(speed) ? t('run.speedOf', { speed: number(speed, 2) }) : t('run.speedMax');
}

function SpeedMenu() {
  const run = useRunStore();
  const texts = useText();
  const speed = useRun(({ state }) => state.speed);
  const latency = useLatencyEntries();
  const { showRegistration } = usePacketOptions();
  const entries = (): MenuEntry[] => [
    { kind: 'heading', id: 'speed', label: texts.t('run.speed') },
    ...SPEEDS.map((value): MenuEntry => ({
      kind: 'item',
      id: String(value),
      label: speedWords(value, texts),
      isChecked: value === speed,
      perform: () => void run.setSpeed(value),
    })),
    { kind: 'separator', id: 'line' },
    { kind: 'heading', id: 'latency', label: texts.t('run.latency') },
    ...latency,
    { kind: 'separator', id: 'line-2' },
    {
      kind: 'item',
      id: 'heartbeats',
      label: texts.t('packets.showHeartbeats'),
      isChecked: showRegistration,
      perform: () => setPacketOptions({ showRegistration: !showRegistration }),
    },
  ];
  return (
    <MenuButton entries={entries}>
      {({ onClick, isOpen }) => (
        <Button
          look="ghost"
          tip={texts.t('run.speed')}
          aria-label={`${texts.t('run.speed')}: ${speedWords(speed, texts)}`}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          data-testid="speed"
          onClick={onClick}
        >
          {speedWords(speed, texts)}
          <ChevronDown size={12} strokeWidth={1.75} aria-hidden="true" />
        </Button>
      )}
    </MenuButton>
  );
}

function DemoButtons({ disabledReason }: { disabledReason: string | null }) {
  const run = useRunStore();
  const { view } = useServices();
  const demo = useDemo();
  const title = useTitles();
  const { t } = useText();
  const say = useProblemWords();
  const fault = demo?.break?.fault;
  const broken = useRun((snapshot) => isBroken(snapshot, demo));
  if (demo === undefined) return null;
  const { primary } = demo;
  const tell = async (done: Promise<Result<unknown>>): Promise<void> => {
    const result = await done;
    if (result.ok) return;
    const reason = result.error.map((problem) => say(problem).says).join('; ');
    view.notify({ tone: 'error', words: { key: 'run.refused', values: { reason } } });
  };
  // Where a person looks for what a button does.
  const edit = (event: MouseEvent): void => {
    event.preventDefault();
    view.openDialog({ kind: 'demo' });
  };
  return (
    <>
      <span className={styles.line} />
      <Button
        look="primary"
        tip={t('run.sendTip', { client: title(primary.client) })}
        shortcut="$mod+Enter"
        disabledReason={disabledReason}
        onContextMenu={edit}
        data-testid="send-demo"
        onClick={() => void tell(sendDemo(run, demo))}
      >
        <Zap size={14} strokeWidth={1.75} aria-hidden="true" />
        <span className={styles.send}>{primary.label}</span>
      </Button>
      {demo.break && fault && (
        <Button
          look={broken ? 'danger' : 'plain'}
          aria-label={broken ? demo.break.healLabel : demo.break.label}
          aria-pressed={broken}
          tip={
            broken
              ? t('run.healTip')
              : fault.kind === 'step-error'
                ? t('run.breakTip', { node: title(fault.node), code: fault.code, percent: fault.rate * 100 })
                : `${title(faultTarget(fault))}: ${faultWords(fault)}`
          }
          disabledReason={disabledReason}
          onContextMenu={edit}
          data-testid="break-demo"
          onClick={() => demo.break && void tell(toggleBreak(run, { ...demo, break: demo.break }))}
        >
          {broken ? (
            <RotateCcw size={14} strokeWidth={1.75} aria-hidden="true" />
          ) : (
            <Flag size={14} strokeWidth={1.75} aria-hidden="true" />
          )}
          <span className={styles.break}>{broken ? demo.break.healLabel : demo.break.label}</span>
        </Button>
      )}
    </>
  );
}
