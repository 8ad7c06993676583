import type { Json } from '../../base/json.ts';
import type { TextValues } from '../../base/problem.ts';
import type { Problem } from '../../base/result.ts';
import { compileTemplate } from '../../expression/template.ts';
import { checkProblem, type CHECK_FIXES, type CHECK_TEXTS, type CheckText } from './check-texts.ts';
import { sortedEntries } from '../sorted.ts';
import type { Document, Link, LinkKind, NodeKind, NodeOf } from '../schema/types.ts';

type Values<T extends CheckText> = TextValues<typeof CHECK_TEXTS, typeof CHECK_FIXES, T>;
/** Texts that name one repeated value. */
type RepeatText = {
  [T in CheckText]: keyof Values<T> extends 'value' ? ('value' extends keyof Values<T> ? T : never) : never;
}[CheckText];

/** Collects problems while a document is walked, and answers questions about it without ever reading a prototype. */
export class Check {
  readonly problems: Problem[] = [];
  readonly document: Document;
  readonly links: readonly [string, Link][];
  readonly #linked = new Set<string>();

  constructor(document: Document) {
    this.document = document;
    this.links = sortedEntries(document.links);
    for (const [, link] of this.links) this.#linked.add(`${link.kind} ${link.from.node} ${link.to.node}`);
  }

  /** Reports an error: the sentence of `check-texts.ts` with what it names. `code` where it is not the text's own. */
  error<T extends CheckText>(text: T, at: string, values: Values<T>, code?: string): void {
    this.problems.push(checkProblem(text, at, values, code === undefined ? {} : { code }));
  }

  warn<T extends CheckText>(text: T, at: string, values: Values<T>): void {
    this.problems.push(checkProblem(text, at, values, { severity: 'warning' }));
  }

  notYet(what: string, at: string): void {
    this.error('NOT_YET_SUPPORTED', at, { what });
  }

  /** Reports every field of the list that is present. */
  notYetFields(record: object, fields: readonly string[], at: string): void {
    for (const field of fields)
      if ((record as Record<string, unknown>)[field] !== undefined) this.notYet(`"${field}"`, `${at}/${field}`);
  }

  node(id: string): Document['nodes'][string] | undefined {
    return Object.hasOwn(this.document.nodes, id) ? this.document.nodes[id] : undefined;
  }

  nodeOf<K extends NodeKind>(id: string, kind: K): NodeOf<K> | undefined {
    const node = this.node(id);
    return node?.kind === kind ? (node as NodeOf<K>) : undefined;
  }

  /** True when a link of this kind leads from one node to the other. */
  linked(kind: LinkKind, from: string, to: string): boolean {
    return this.#linked.has(`${kind} ${from} ${to}`);
  }

  /** Reports a repeated value among siblings; `at` gives its place. */
  unique(values: readonly string[], text: RepeatText, at: (index: number) => string): void {
    const seen = new Set<string>();
    values.forEach((value, index) => {
      if (seen.has(value)) this.error(text, at(index), { value });
      seen.add(value);
    });
  }

  /** Reports an expression that cannot be read; gives the free names of the others. */
  expressions(value: Json, at: string): readonly string[] {
    const template = compileTemplate(value);
    if (template.ok) return template.value.names;
    this.error('EXPRESSION_INVALID', at, { reason: template.error.message });
    return [];
  }
}
