/**
 * Turns the compiler's tree of one file into ours.
 *
 * Knows syntax only: no types, no other file, no judgement. What half-typed code lacks becomes `missing`; nothing
 * here throws for what a user may write. The parts: `lower-tree` reads the encoded nodes, `lower-context` holds the
 * lists and binds names, `lower-statements`, `-expressions`, `-operators`, `-functions`, `-classes`, `-patterns`,
 * `-modules`, `-literals` and `-jsx` lower what they are named after.
 */
import type { SourceFile as CompilerSourceFile } from 'typescript/unstable/ast';
import { findComments, literalsLikeComments } from './lower-comments.ts';
import { type Draft, Lowering } from './lower-context.ts';
import { lowerStatements } from './lower-statements.ts';
import { Tree } from './lower-tree.ts';
import type { CommentNode, FunctionNode, SourceFile } from './syntax.ts';

const SOURCE_FILE = 1;
/** Its first child; the encoding of a source file has no mask of children. */
const STATEMENTS = 2;

/** `syntaxErrors` stays empty: the compiler has them, not its tree. */
export function lower(sourceFile: CompilerSourceFile, path: string): SourceFile {
  const tree = new Tree(sourceFile);
  const l = new Lowering(tree);
  const { text } = tree;
  const module = moduleFunction(text.length);
  l.functions.push(module as FunctionNode);
  module.body = lowerStatements(l, STATEMENTS);
  l.bind();
  nameSignatures(l);
  markExported(l);
  const literals = literalsLikeComments(tree);
  let comments: readonly CommentNode[] | undefined;
  return {
    path,
    text,
    language: /\.[cm]?tsx?$/.test(path) ? 'typescript' : 'javascript',
    functions: l.functions,
    classes: l.classes,
    variables: l.variables as SourceFile['variables'],
    imports: l.imports,
    calls: l.calls,
    members: l.members,
    exports: l.exports,
    made: l.made,
    /** Computed when first asked for: few files are. */
    get comments() {
      comments ??= findComments(text, literals);
      return comments;
    },
    syntaxErrors: [],
  };
}

function moduleFunction(length: number): Draft<FunctionNode> {
  return {
    index: 0,
    start: 0,
    end: length,
    name: '<module>',
    qualifiedName: '<module>',
    kind: 'module',
    async: false,
    generator: false,
    static: false,
    private: false,
    exported: false,
    parameters: [],
    body: [],
    hasBody: true,
    bodySpan: { start: 0, end: length },
    nameAt: undefined,
    parent: undefined,
    class: undefined,
    decorators: [],
    nodeIndexes: [SOURCE_FILE],
  };
}

/** Functions without a body give way to those with one. */
function nameSignatures(l: Lowering): void {
  for (const fn of l.functions) {
    if (!fn.hasBody) (fn as Draft<FunctionNode>).qualifiedName = l.unique(fn.qualifiedName);
  }
}

function markExported(l: Lowering): void {
  const functions = [...l.exportedFunctions];
  const classes = [...l.exportedClasses];
  for (const { variable } of l.exports) {
    if (variable === undefined) continue;
    const names = l.variables[variable]?.names;
    if (names !== undefined) functions.push(names);
    const ofVariable = l.classOfVariable.get(variable);
    if (ofVariable !== undefined) classes.push(ofVariable);
  }
  for (const index of functions) {
    const fn = l.functions[index];
    if (fn !== undefined) (fn as Draft<FunctionNode>).exported = true;
  }
  for (const index of classes) {
    const node = l.classes[index];
    if (node !== undefined) (node as Draft<typeof node>).exported = true;
  }
}
