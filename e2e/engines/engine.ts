import type { Automation } from '../../src/app/automation/automation.ts';

declare global {
  interface Window {
    servarium: Automation;
  }
}

/** One page of one browser, with what Playwright and the plain WebDriver protocol both can do. */
export interface Tab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs `work` in the page and settles with its result; plain data in, plain data out, nothing of the outside is in reach. */
  evaluate<R>(work: () => R | Promise<R>): Promise<R>;
  evaluate<R, I>(work: (input: I) => R | Promise<R>, input: I): Promise<R>;
  /** Presses the first element that a CSS selector finds. */
  click(selector: string): Promise<void>;
  /** Moves the pressed pointer from one place of the window to another, px. */
  drag(from: Place, to: Place): Promise<void>;
  /** The picture of the page, PNG. */
  picture(): Promise<Buffer>;
  /** Warnings and errors of the console, and uncaught errors, since this was last asked. */
  heard(): string[];
  close(): Promise<void>;
}
export interface Place {
  x: number;
  y: number;
}

/** A browser that runs. */
export interface Engine {
  /** Why `heard` of its tabs stays empty; null = it does not. */
  readonly deaf: string | null;
  /** A page that knows nothing of earlier ones, 1440 x 900. */
  open(): Promise<Tab>;
  close(): Promise<void>;
}
