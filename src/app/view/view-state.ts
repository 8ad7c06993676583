import type { Problem } from '../../core/base/result.ts';
import type { Fault } from '../../core/topology/schema/types.ts';

/** What is selected on the canvas, by id. */
export interface Selection {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly groups: readonly string[];
}
export const NOTHING: Selection = { nodes: [], links: [], groups: [] };
export const selectionSize = (selection: Selection): number =>
  selection.nodes.length + selection.links.length + selection.groups.length;

export type ThemeChoice = 'system' | 'light' | 'dark';
export type LanguageChoice = 'en' | 'uk';
export type NoticeTone = 'plain' | 'ok' | 'error';
/** Words of the interface named by key, so that a change of language changes them too. */
export interface Words {
  readonly key: string;
  readonly values?: Readonly<Record<string, string | number>>;
}
/** A short message that goes away by itself, with at most one action. */
export interface Notice {
  readonly id: number;
  readonly tone: NoticeTone;
  readonly words: Words;
  /** A second sentence: what the action brought with it. */
  readonly detail?: Words;
  /** Lines under the words, already in the user's data language (names). */
  readonly lines?: readonly string[];
  /** Problems under the words; the interface says them in its own language, at most a few of them. */
  readonly problems?: readonly Problem[];
  readonly action?: { readonly label: Words; readonly perform: () => void };
  /** Screen place that it is about; without it the notice stands in the corner. */
  readonly near?: { readonly x: number; readonly y: number };
}
export type DialogState =
  | { readonly kind: 'commands' }
  | { readonly kind: 'find' }
  | { readonly kind: 'help' }
  | { readonly kind: 'export' }
  /** Every document that this browser keeps. */
  | { readonly kind: 'documents' }
  /** Former states of the open document. */
  | { readonly kind: 'versions' }
  /** The buttons of the run bar that the document brings. */
  | { readonly kind: 'demo' }
  /** Choose a component to connect `node` to. */
  | { readonly kind: 'connect'; readonly node: string }
  /** Set a fault on a node or link, beginning with one kind. */
  | {
      readonly kind: 'fault';
      readonly on: 'node' | 'link';
      readonly target: string;
      readonly fault: Fault['kind'] | null;
    }
  /** Choose what to add; with `from` it is connected to that node. */
  | { readonly kind: 'add'; readonly at: { readonly x: number; readonly y: number }; readonly from: string | null };

/** Panels, remembered between visits; sizes in px. */
export interface Panels {
  readonly palette: { readonly open: boolean; readonly width: number };
  readonly inspector: { readonly width: number };
  readonly drawer: { readonly open: boolean; readonly height: number };
  readonly minimap: boolean;
}
/** What dragging on the canvas does: `select` moves components, `hand` only the view. */
export type CanvasTool = 'select' | 'hand';
export interface ViewState {
  readonly tool: CanvasTool;
  readonly theme: ThemeChoice;
  readonly language: LanguageChoice;
  readonly panels: Panels;
  readonly dismissedHints: readonly string[];
  readonly selection: Selection;
  /** Only this component and what is so many links away stands out; null = everything does. */
  readonly focus: { readonly node: string; readonly hops: number } | null;
  /** Node or group whose name is being edited in place. */
  readonly renaming: string | null;
  readonly dialog: DialogState | null;
  readonly notices: readonly Notice[];
  /** The last sentence for screen readers; `n` makes a repeated sentence new. */
  readonly announcement: { readonly words: Words; readonly n: number } | null;
}

/** What the canvas offers to commands while it is on screen; positions in canvas coordinates. */
export interface CanvasPort {
  fit(): void;
  fitNodes(nodes: readonly string[]): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  /** A free place near the middle of what is visible. */
  freePlace(size: { width: number; height: number }): { x: number; y: number };
  /** The canvas coordinates of a screen point. */
  pointAt(screen: { x: number; y: number }): { x: number; y: number };
  /** Where the pointer last was over the canvas, or null. */
  pointer(): { x: number; y: number } | null;
  /** Moves keyboard focus to a node. */
  focusNode(node: string): void;
  openContextMenu(): void;
}
