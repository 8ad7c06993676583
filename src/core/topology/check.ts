import type { Json } from '../base/json.ts';
import type { Problem } from '../base/result.ts';
import { compileTemplate } from '../expression/template.ts';
import { sortedEntries } from './sorted.ts';
import type { Document, Link, LinkKind, NodeKind, NodeOf } from './types.ts';

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

  error(code: string, at: string, message: string, fix?: string): void {
    this.problems.push({ code, message, at, severity: 'error', ...(fix === undefined ? {} : { fix }) });
  }

  warn(code: string, at: string, message: string, fix?: string): void {
    this.problems.push({ code, message, at, severity: 'warning', ...(fix === undefined ? {} : { fix }) });
  }

  notYet(what: string, at: string): void {
    this.error('NOT_YET_SUPPORTED', at, `${what} can be described but not run yet`);
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
  unique(values: readonly string[], code: string, what: string, at: (index: number) => string): void {
    const seen = new Set<string>();
    values.forEach((value, index) => {
      if (seen.has(value)) this.error(code, at(index), `${what} "${value}" appears twice`);
      seen.add(value);
    });
  }

  /** Reports an expression that cannot be read; gives the free names of the others. */
  expressions(value: Json, at: string): readonly string[] {
    const template = compileTemplate(value);
    if (template.ok) return template.value.names;
    this.error('EXPRESSION_INVALID', at, template.error.message);
    return [];
  }
}

/** An expression field may be written with or without `${ }`. */
export const asTemplate = (text: string): string => (/^\s*\$\{/.test(text) ? text : `\${${text}}`);
