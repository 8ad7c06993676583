import type { Json } from '../base/json.ts';
import { compileTemplate } from '../expression/template.ts';
import type { Template } from '../expression/types.ts';
import type { Step } from '../topology/schema/types.ts';

/** Templates of a handler by their source, compiled once. A template that does not compile fails with its reason each time it is evaluated. */
export class TemplateCache {
  private readonly texts = new Map<string, Template>();
  private readonly values = new WeakMap<object, Template>();

  of(source: Json): Template {
    if (typeof source === 'object' && source !== null) {
      let known = this.values.get(source);
      if (!known) this.values.set(source, (known = compile(source)));
      return known;
    }
    if (typeof source !== 'string') return compile(source);
    let known = this.texts.get(source);
    if (!known) this.texts.set(source, (known = compile(source)));
    return known;
  }
}

function compile(source: Json): Template {
  const result = compileTemplate(source);
  if (result.ok) return result.value;
  const failed = result;
  return { names: [], evaluate: () => failed };
}

/** True when any step, at any depth, publishes through the outbox: the node then needs the outbox table. */
export function usesOutbox(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    switch (step.do) {
      case 'publish':
        return step.via === 'outbox';
      case 'choose':
        return step.when.some((w) => usesOutbox(w.steps)) || usesOutbox(step.else ?? []);
      case 'each':
      case 'transaction':
        return usesOutbox(step.steps);
      case 'parallel':
        return step.branches.some((b) => usesOutbox(b.steps));
      case 'try':
        return usesOutbox(step.steps) || step.catch.some((c) => usesOutbox(c.steps)) || usesOutbox(step.finally ?? []);
      default:
        return false;
    }
  });
}
