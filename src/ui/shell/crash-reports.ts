import type { CrashReport } from './crash-boundary.tsx';

let listener: ((report: CrashReport) => void) | null = null;
let waiting: CrashReport | null = null;

/** Shows a bug; the first one counts, what follows is usually its consequence. */
export function reportCrash(report: CrashReport): void {
  if (listener) listener(report);
  else waiting ??= report;
}

/** Listens for bugs, those from before included. */
export function onCrash(next: (report: CrashReport) => void): () => void {
  let isFirst = true;
  listener = (report) => {
    if (isFirst) next(report);
    isFirst = false;
  };
  if (waiting) listener(waiting);
  waiting = null;
  const failed = (event: ErrorEvent) => {
    // Told by some browsers when an observer changes the layout; no failure.
    if (event.message.includes('ResizeObserver')) return;
    reportCrash({ message: event.message, details: event.error instanceof Error ? (event.error.stack ?? '') : '' });
  };
  const rejected = ({ reason }: PromiseRejectionEvent) =>
    reportCrash({
      message: reason instanceof Error ? reason.message : String(reason),
      details: reason instanceof Error ? (reason.stack ?? '') : '',
    });
  window.addEventListener('error', failed);
  window.addEventListener('unhandledrejection', rejected);
  return () => {
    listener = null;
    window.removeEventListener('error', failed);
    window.removeEventListener('unhandledrejection', rejected);
  };
}
