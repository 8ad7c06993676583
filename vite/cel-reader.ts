import type { ASTNode } from '@marcbachmann/cel-js';
import { registerMacros, type MacroHandler } from '../node_modules/@marcbachmann/cel-js/lib/macros.js';
import { Parser } from '../node_modules/@marcbachmann/cel-js/lib/parser.js';

export { ParseError } from '../node_modules/@marcbachmann/cel-js/lib/errors.js';

/** `has(ast): bool` and `list.map(ast, ast): list<dyn>` as the parser asks for them: called or on a receiver, name, number of arguments. */
const keyOf = (isMethod: boolean, name: string, count: number): string => `${isMethod} ${name} ${count}`;

const macros = new Map<string, { handler: MacroHandler }>();
registerMacros({
  registerFunctionOverload(signature, handler) {
    const [, receiver, name = '', parameters = ''] = /^(\w+\.)?(\w+)\(([^)]*)\)/.exec(signature) ?? [];
    macros.set(keyOf(receiver !== undefined, name, parameters.split(',').length), { handler });
  },
  registerType: () => undefined,
  registerConstant: () => undefined,
});
const registry = {
  enableOptionalTypes: false,
  findMacro: (name: string, isMethod: boolean, count: number) => macros.get(keyOf(isMethod, name, count)),
};

/** Stands in for the library's environment: it reads an expression and cannot evaluate it. */
export class Environment {
  private readonly parser: Parser;
  constructor({ limits }: { limits: Record<string, number> }) {
    this.parser = new Parser(limits, registry);
  }
  parse(source: string): { ast: ASTNode } {
    return { ast: this.parser.parse(source) };
  }
}
