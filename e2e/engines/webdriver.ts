import type { Place, Tab } from './engine.ts';

/** Wall ms for one script or one load in the page. */
const SCRIPT_MS = 120_000;
/** How the W3C WebDriver protocol names an element in JSON. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** The commands of the W3C WebDriver protocol that are used, named as Firefox names them, which has them one to one. */
export type Command =
  | 'SetTimeouts'
  | 'SetWindowRect'
  | 'Navigate'
  | 'Refresh'
  | 'ExecuteAsyncScript'
  | 'FindElement'
  | 'ElementClick'
  | 'PerformActions'
  | 'TakeScreenshot'
  | 'DeleteSession';
/** Sends one command of an open session and settles with the value of its answer; throws what the browser refuses. */
export type Send = <T>(command: Command, parameters?: Readonly<Record<string, unknown>>) => Promise<T>;

type Answer<R> = { value: R } | { error: string };

const moveTo = ({ x, y }: Place, duration = 0) => ({
  type: 'pointerMove',
  duration,
  origin: 'viewport',
  x: Math.round(x),
  y: Math.round(y),
});

/** A tab driven by commands; `heard` fills elsewhere, because the protocol says nothing of the console. */
export async function tabOver(send: Send, heard: string[], close: () => Promise<void>): Promise<Tab> {
  await send('SetTimeouts', { script: SCRIPT_MS, pageLoad: SCRIPT_MS });
  await send('SetWindowRect', { x: 0, y: 0, width: 1440, height: 900 });
  return {
    goto: (url) => send('Navigate', { url }),
    reload: () => send('Refresh'),
    async evaluate<R>(work: (input?: unknown) => R | Promise<R>, input?: unknown): Promise<R> {
      const script = `const done = arguments[1];
        Promise.resolve().then(() => (${String(work)})(arguments[0]))
          .then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`;
      const answer = await send<Answer<R>>('ExecuteAsyncScript', { script, args: [input ?? null] });
      if ('error' in answer) throw new Error(answer.error);
      return answer.value;
    },
    async click(selector) {
      const found = await send<Record<string, string>>('FindElement', { using: 'css selector', value: selector });
      await send('ElementClick', { id: found[ELEMENT] });
    },
    async drag(from, to) {
      const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
      const press = { type: 'pointerDown', button: 0 };
      const actions = [moveTo(from), press, moveTo(middle, 100), moveTo(to, 100), { type: 'pointerUp', button: 0 }];
      const mouse = { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions };
      await send('PerformActions', { actions: [mouse] });
    },
    picture: async () => Buffer.from(await send<string>('TakeScreenshot', { full: false }), 'base64'),
    heard: () => heard.splice(0),
    close,
  };
}
