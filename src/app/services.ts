import type { CommandRegistry } from './commands/command.ts';
import type { DocumentStore } from './document/document-store.ts';
import type { ViewStore } from './view/view-store.ts';

/** What commands and the interface stand on; made once by main.tsx. */
export interface Services {
  readonly documents: DocumentStore;
  readonly view: ViewStore;
  readonly commands: CommandRegistry;
  readonly files: FileAccess;
}

/** Opening, saving and templates: how documents come in and go out. */
export interface FileAccess {
  /** Asks for a file; null when nothing was chosen. */
  pick(accept: string): Promise<File | null>;
  /** Offers a file to the browser's downloads. */
  download(name: string, content: BlobPart, type: string): void;
  /** Other documents that this browser keeps, last edited first. */
  recent(): Promise<readonly { id: string; name: string }[]>;
  /** Makes another document the open one: stores it, starts its run. */
  open(source: OpenSource): Promise<void>;
}
export type OpenSource =
  | { kind: 'new' }
  | { kind: 'template'; name: string }
  /** A document that this browser keeps, as `recent` named it. */
  | { kind: 'stored'; id: string; name: string }
  /** The text of a file: JSON or an exported compose.yaml. */
  | { kind: 'text'; name: string; text: string };
