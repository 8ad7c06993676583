// What `cel-reader.ts` uses of the library's own files, which have no types of their own.
declare module '*/cel-js/lib/parser.js' {
  import type { ASTNode } from '@marcbachmann/cel-js';
  export class Parser {
    constructor(limits: Record<string, number>, registry: object);
    parse(source: string): ASTNode;
  }
}
declare module '*/cel-js/lib/macros.js' {
  export type MacroHandler = (call: object) => object;
  export function registerMacros(registry: {
    registerFunctionOverload(signature: string, handler: MacroHandler): void;
    registerType(name: string, made: unknown): void;
    registerConstant(name: string, type: string, value: unknown): void;
  }): void;
}
declare module '*/cel-js/lib/errors.js' {
  export { ParseError } from '@marcbachmann/cel-js';
}
