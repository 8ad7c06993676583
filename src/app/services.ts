import type { Result } from '../core/base/result.ts';
import type { CommandRegistry } from './commands/command.ts';
import type { DocumentStore } from './document/document-store.ts';
import type { DocumentVersion } from './session/index.ts';
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
  /** Makes this tab the one that edits and runs the open document; the other one then reads along. */
  takeOver(): Promise<void>;
  /** Every document that this browser keeps, the open one included, last edited first. */
  stored(): Promise<Result<readonly StoredDocument[]>>;
  /** Deletes a document that is not open, with its versions, runs and rows. */
  remove(id: string): Promise<Result<null>>;
  /** Former states of the open document, newest first. */
  versions(): Promise<Result<readonly DocumentVersion[]>>;
}
export interface StoredDocument {
  readonly id: string;
  readonly name: string;
  /** Wall time of the last edit, ISO 8601. */
  readonly updatedAt: string;
  /** True for the one that this tab has open. */
  readonly isHere: boolean;
}
export type OpenSource =
  | { kind: 'new' }
  | { kind: 'template'; name: string }
  /** A document that this browser keeps, as `recent` named it. */
  | { kind: 'stored'; id: string; name: string }
  /** What is on the canvas now, as a document of its own. */
  | { kind: 'copy'; name: string }
  /** A former state of the open document, as a document of its own. */
  | { kind: 'version'; seq: number; name: string }
  /** The text of a file: JSON or an exported compose.yaml. */
  | { kind: 'text'; name: string; text: string };
