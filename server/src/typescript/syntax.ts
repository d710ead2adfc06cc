/**
 * Our own syntax tree: what the engine needs of a file, and nothing of the compiler's.
 *
 * Lowering (`lower.ts`) turns the compiler's tree into this one. The tree is plain data, depends on the file's text
 * alone, and so outlives every compiler snapshot. Types, parentheses, assertions (`as`, `!`, `satisfies`) and
 * comments are gone; names are bound to variables lexically; every node has its range. Positions are UTF-16 offsets
 * into the file's text, `start` after leading trivia.
 */

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Index into `SourceFile.variables`. */
export type VariableIndex = number;
/** Index into `SourceFile.functions`. */
export type FunctionIndex = number;
/** Index into `SourceFile.classes`. */
export type ClassIndex = number;

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly language: 'typescript' | 'javascript';
  /** All functions, methods, accessors and arrow functions, outermost first; 0 is the module body itself. */
  readonly functions: readonly FunctionNode[];
  readonly classes: readonly ClassNode[];
  readonly variables: readonly Variable[];
  readonly imports: readonly ImportNode[];
  /** Every call and `new`, in source order; `CallExpression.call` is the index here. */
  readonly calls: readonly CallExpression[];
  /** Every property read or write by name that is not the callee of a call, in source order. */
  readonly members: readonly MemberExpression[];
  readonly exports: readonly ExportName[];
  /** Names of the module and its classes that are given what a call returns: `const save = traced(async () => …)`. */
  readonly made: readonly MadeNode[];
  readonly comments: readonly CommentNode[];
  /** Ranges and messages of what did not parse. */
  readonly syntaxErrors: readonly { span: Span; message: string }[];
}

/** A declaration whose value a call makes. */
export interface MadeNode extends Span {
  /** The declared name; `default` or `export=` for what a module exports without one. */
  readonly name: string;
  /** Of the declaration that the compiler names. */
  readonly nodeIndex: number;
  readonly by: CallExpression;
}

export interface CommentNode extends Span {
  readonly text: string;
}

/** `import { imported as local } from 'module'`; `imported` is `default` or `*` for the other forms, also of `require`. */
export interface ImportNode extends Span {
  readonly module: string;
  readonly bindings: readonly { imported: string; variable: VariableIndex }[];
  /** Names that stand for types alone (`import { type A as B }`): no variables. */
  readonly types: readonly { imported: string; local: string }[];
  readonly typeOnly: boolean;
}

export interface ExportName {
  readonly name: string;
  readonly variable?: VariableIndex;
  readonly from?: string;
}

export interface Variable {
  readonly name: string;
  readonly kind: 'const' | 'let' | 'var' | 'parameter' | 'function' | 'class' | 'import' | 'catch' | 'enum';
  /** Function whose scope declares it; 0 for module level. */
  readonly fn: FunctionIndex;
  /** The name in the declaration. */
  readonly at: Span;
  /** Whether it is ever assigned after its declaration. */
  readonly reassigned: boolean;
  /** Whether an expression names it, as opposed to types, exports and assignments alone. */
  readonly referenced: boolean;
  /** Initialiser of a plain `const x = <expr>`. */
  readonly initializer?: Expression;
  /** The function it names (`function f`, `const f = () => …`). */
  readonly names?: FunctionIndex;
  readonly typeName?: string;
  /** Names of the annotation's type arguments: `Order` of `Repository<Order>`. */
  readonly typeArguments?: readonly string[];
  readonly import?: { module: string; imported: string };
}

export interface Decorator extends Span {
  readonly name: string;
  readonly args: readonly Expression[];
}

export interface Parameter extends Span {
  readonly pattern: Pattern;
  readonly default?: Expression;
  readonly rest: boolean;
  /** First name of the type annotation, `Repository` of `Repository<User>`. */
  readonly typeName?: string;
  readonly typeArguments?: readonly string[];
  readonly decorators: readonly Decorator[];
  /** Constructor parameter that declares a property (`private readonly users: UserService`). */
  readonly property: boolean;
}

export interface FunctionNode extends Span {
  readonly index: FunctionIndex;
  /** Declared or assigned name, `<module>`, `constructor`, or '' for an anonymous function. */
  readonly name: string;
  /** `OrderService.create`, `createQueries.findUser`, `<anonymous>` parts numbered within their parent. */
  readonly qualifiedName: string;
  readonly kind: 'module' | 'function' | 'arrow' | 'method' | 'constructor' | 'getter' | 'setter' | 'static-block';
  readonly async: boolean;
  readonly generator: boolean;
  readonly static: boolean;
  readonly private: boolean;
  readonly exported: boolean;
  readonly parameters: readonly Parameter[];
  /** A block's statements, or one `return` for an expression-bodied arrow. Empty for a declaration without a body. */
  readonly body: readonly Statement[];
  /** False for an overload, abstract method or ambient declaration. */
  readonly hasBody: boolean;
  /** Range of the body including its braces, or of the expression. */
  readonly bodySpan: Span;
  readonly nameAt?: Span;
  readonly parent?: FunctionIndex;
  readonly class?: ClassIndex;
  readonly decorators: readonly Decorator[];
  /** Index of the compiler's node for it, and of the declaration that names it (variable declaration, property assignment): what a resolved symbol's declaration says. */
  readonly nodeIndexes: readonly number[];
}

export interface HeritageClause {
  readonly clause: 'extends' | 'implements';
  readonly name: string;
  /** Names of its type arguments: `User` of `extends Repository<User>`. */
  readonly typeArguments?: readonly string[];
  readonly at: Span;
}

export interface ClassNode extends Span {
  readonly index: ClassIndex;
  readonly name: string;
  readonly nodeIndex: number;
  readonly fn: FunctionIndex;
  readonly decorators: readonly Decorator[];
  readonly heritage: readonly HeritageClause[];
  readonly methods: readonly FunctionIndex[];
  readonly properties: readonly PropertyNode[];
  readonly exported: boolean;
  /** An `interface` declaration or an abstract class; methods of an interface have no body. */
  readonly kind: 'class' | 'interface';
}

export interface PropertyNode extends Span {
  readonly name: string;
  readonly nameAt: Span;
  readonly nodeIndex: number;
  readonly static: boolean;
  readonly initializer?: Expression;
  readonly decorators: readonly Decorator[];
  /** Text of the type annotation, `Promise<Customer>`. */
  readonly type?: string;
  readonly typeName?: string;
  readonly typeArguments?: readonly string[];
  readonly names?: FunctionIndex;
}

// ---------------------------------------------------------------- statements

export type Statement =
  | ExpressionStatement
  | VariableStatement
  | ReturnStatement
  | ThrowStatement
  | IfStatement
  | LoopStatement
  | TryStatement
  | SwitchStatement
  | BlockStatement
  | JumpStatement
  | FunctionStatement
  | ClassStatement;

export interface ExpressionStatement extends Span {
  readonly kind: 'expression';
  readonly expression: Expression;
}
export interface VariableStatement extends Span {
  readonly kind: 'variable';
  readonly declarations: readonly {
    readonly pattern: Pattern;
    readonly initializer?: Expression;
    readonly span: Span;
  }[];
  /** `using` / `await using` are cleanups at the end of the block. */
  readonly using: boolean;
  readonly keyword: Span;
}
export interface ReturnStatement extends Span {
  readonly kind: 'return';
  readonly value?: Expression;
}
export interface ThrowStatement extends Span {
  readonly kind: 'throw';
  readonly value: Expression;
}
export interface IfStatement extends Span {
  readonly kind: 'if';
  readonly test: Expression;
  readonly then: readonly Statement[];
  readonly else: readonly Statement[];
  readonly thenSpan: Span;
  readonly elseSpan?: Span;
}
export interface LoopStatement extends Span {
  readonly kind: 'loop';
  /** What `break` and `continue` name it by. */
  readonly label?: string;
  readonly form: 'for' | 'for-of' | 'for-in' | 'for-await' | 'while' | 'do-while';
  readonly init?: Statement;
  readonly test?: Expression;
  readonly update?: Expression;
  /** Of for-of, for-in, for-await. */
  readonly pattern?: Pattern;
  readonly iterable?: Expression;
  readonly body: readonly Statement[];
  readonly bodySpan: Span;
}
export interface TryStatement extends Span {
  readonly kind: 'try';
  readonly block: readonly Statement[];
  readonly parameter?: Pattern;
  readonly handler?: readonly Statement[];
  readonly handlerSpan?: Span;
  readonly finalizer?: readonly Statement[];
  readonly finalizerSpan?: Span;
}
export interface SwitchStatement extends Span {
  readonly kind: 'switch';
  readonly subject: Expression;
  readonly cases: readonly { readonly test?: Expression; readonly body: readonly Statement[]; readonly span: Span }[];
}
export interface BlockStatement extends Span {
  readonly kind: 'block';
  /** Of a labelled statement that is no loop. */
  readonly label?: string;
  readonly body: readonly Statement[];
}
export interface JumpStatement extends Span {
  readonly kind: 'break' | 'continue';
  readonly label?: string;
}
/** A hoisted declaration; the function is in `SourceFile.functions`. */
export interface FunctionStatement extends Span {
  readonly kind: 'function';
  readonly fn: FunctionIndex;
  readonly variable: VariableIndex;
}
export interface ClassStatement extends Span {
  readonly kind: 'class';
  readonly class: ClassIndex;
  readonly variable?: VariableIndex;
}

// ---------------------------------------------------------------- patterns

export type Pattern =
  | { readonly kind: 'variable'; readonly variable: VariableIndex; readonly start: number; readonly end: number }
  | {
      readonly kind: 'object-pattern';
      readonly start: number;
      readonly end: number;
      readonly properties: readonly {
        /** Undefined for a computed key. */
        readonly key: string | undefined;
        readonly value: Pattern;
        readonly default?: Expression;
        readonly rest: boolean;
      }[];
    }
  | {
      readonly kind: 'array-pattern';
      readonly start: number;
      readonly end: number;
      readonly elements: readonly (
        | { readonly value: Pattern; readonly default?: Expression; readonly rest: boolean }
        | undefined
      )[];
    }
  /** Assignment target that is not a declaration: `[a.b] = …`. */
  | { readonly kind: 'expression-target'; readonly target: Expression; readonly start: number; readonly end: number };

// ---------------------------------------------------------------- expressions

export type Expression =
  | LiteralExpression
  | TemplateExpression
  | IdentifierExpression
  | ThisExpression
  | MemberExpression
  | IndexExpression
  | CallExpression
  | FunctionExpression
  | ClassExpression
  | ObjectExpression
  | ArrayExpression
  | BinaryExpression
  | LogicalExpression
  | UnaryExpression
  | ConditionalExpression
  | AssignExpression
  | AwaitExpression
  | SequenceExpression
  | SpreadExpression
  | OtherExpression;

export interface LiteralExpression extends Span {
  readonly kind: 'literal';
  /** A regular expression is its text with `isRegExp`. */
  readonly value: string | number | boolean | bigint | null | undefined;
  readonly isRegExp?: true;
}
export interface TemplateExpression extends Span {
  readonly kind: 'template';
  /** Cooked text around the holes: one more than `holes`. */
  readonly parts: readonly string[];
  /** Where each part's text lies in the file, without quotes and `${`. */
  readonly partSpans: readonly Span[];
  readonly holes: readonly Expression[];
}
export interface IdentifierExpression extends Span {
  readonly kind: 'identifier';
  readonly name: string;
  /** Undefined for a global. */
  readonly variable?: VariableIndex;
}
export interface ThisExpression extends Span {
  readonly kind: 'this' | 'super';
}
export interface MemberExpression extends Span {
  readonly kind: 'member';
  readonly object: Expression;
  readonly name: string;
  readonly nameAt: Span;
  readonly optional: boolean;
  /** Index into `SourceFile.members`, or -1 for the callee of a call. */
  readonly member: number;
}
export interface IndexExpression extends Span {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
  readonly optional: boolean;
}
export interface CallExpression extends Span {
  readonly kind: 'call';
  /** Index into `SourceFile.calls`. */
  readonly call: number;
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly isNew: boolean;
  readonly optional: boolean;
  /** A tagged template: the callee is the tag, the only argument the template. */
  readonly isTag: boolean;
  /** The last name of the callee, `save` of `this.users.save`: where the compiler is asked. Undefined for `f()()`. */
  readonly nameAt?: Span;
  readonly typeArguments: readonly string[];
  /** Inside the parentheses; where arguments are inserted. */
  readonly argsSpan?: Span;
}
export interface FunctionExpression extends Span {
  readonly kind: 'function';
  readonly fn: FunctionIndex;
}
export interface ClassExpression extends Span {
  readonly kind: 'class-expression';
  readonly class: ClassIndex;
}
export interface ObjectExpression extends Span {
  readonly kind: 'object';
  readonly properties: readonly ObjectProperty[];
}
export type ObjectProperty =
  | {
      readonly kind: 'property';
      /** Undefined for a computed key that is not a literal. */
      readonly key: string | undefined;
      readonly computed?: Expression;
      readonly value: Expression;
      readonly shorthand: boolean;
      readonly span: Span;
      readonly keyAt: Span;
    }
  | { readonly kind: 'spread'; readonly value: Expression; readonly span: Span };
export interface ArrayExpression extends Span {
  readonly kind: 'array';
  readonly elements: readonly Expression[];
}
export interface BinaryExpression extends Span {
  readonly kind: 'binary';
  /** `+`, `<=`, `===`, `in`, `instanceof`, … */
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}
export interface LogicalExpression extends Span {
  readonly kind: 'logical';
  readonly operator: '&&' | '||' | '??';
  readonly left: Expression;
  readonly right: Expression;
}
export interface UnaryExpression extends Span {
  readonly kind: 'unary';
  readonly operator: '!' | '-' | '+' | '~' | 'typeof' | 'void' | 'delete';
  readonly operand: Expression;
}
export interface ConditionalExpression extends Span {
  readonly kind: 'conditional';
  readonly test: Expression;
  readonly then: Expression;
  readonly else: Expression;
}
/** `=`, `+=`, `??=`, `++`, `--`, … */
export interface AssignExpression extends Span {
  readonly kind: 'assign';
  readonly operator: string;
  readonly target: Pattern | Expression;
  /** Absent for `++` and `--`. */
  readonly value?: Expression;
  readonly prefix: boolean;
}
export interface AwaitExpression extends Span {
  readonly kind: 'await' | 'yield' | 'yield*';
  readonly operand: Expression;
}
export interface SequenceExpression extends Span {
  readonly kind: 'sequence';
  readonly expressions: readonly Expression[];
}
export interface SpreadExpression extends Span {
  readonly kind: 'spread-expression';
  readonly operand: Expression;
}
/** JSX, `import()`, `new.target`, anything else: its sub-expressions in evaluation order. */
export interface OtherExpression extends Span {
  readonly kind: 'other';
  readonly form: 'jsx' | 'import' | 'meta' | 'missing' | 'unknown';
  readonly children: readonly Expression[];
  /** For JSX: attribute names beside their values, `onClick`, `ref`. */
  readonly attributes?: readonly { readonly name: string; readonly value: Expression }[];
}
