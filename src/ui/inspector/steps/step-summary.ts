import type { Step } from '../../../core/topology/schema/types.ts';

/** The gist of a step on one line, in the words of its own fields. */
export function stepSummary(step: Step, nameOf: (node: string) => string): string {
  switch (step.do) {
    case 'insert':
    case 'delete':
    case 'update':
      return step.table;
    case 'get':
    case 'find':
      return `${step.table} → ${step.as}`;
    case 'call':
      return `${nameOf(step.to)} ${step.endpoint}`;
    case 'publish':
      return step.key;
    case 'wait':
      return `${step.ms} ms`;
    case 'set':
    case 'jwks':
      return step.as;
    case 'token':
      return `${step.subject} → ${step.as}`;
    case 'respond':
      return String(step.status);
    case 'send':
      return typeof step.body === 'string' ? step.body : JSON.stringify(step.body);
    case 'fail':
      return step.code;
    case 'log':
      return step.text;
    case 'choose':
      return step.when[0]?.if ?? '';
    case 'each':
      return step.in;
    case 'parallel':
      return step.branches.map((branch) => branch.id).join(', ');
    case 'try':
      return step.catch.map((branch) => branch.code).join(', ');
    case 'transaction':
      return '';
  }
}
