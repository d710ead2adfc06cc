/**
 * What the compiler said about names and types, kept from one snapshot to the next where no edit can have changed it.
 *
 * What a name in one file stands for depends on other files through their *shape*: all of a file's text but the bodies
 * of its functions, and the types of those functions as the compiler infers them. While edits leave every shape as it
 * was, only the edited files are asked about again; an edit that changes a shape, or anything that is not the text of a
 * source file, makes everything be asked again. Declarations are numbered within their file, so answers that point into
 * an edited file are renumbered.
 */
import type {
  Declaration,
  FileReading,
  Project,
  ResolvedSymbol,
  ResolvedType,
  Snapshot,
} from '../typescript/compiler.ts';
import type { FunctionNode, SourceFile, Span } from '../typescript/syntax.ts';
import type { Edits } from './kept-facts.ts';

interface KeptFile {
  readonly projectId: string;
  readonly file: SourceFile;
  readonly shape: Shape | undefined;
  /** By position; undefined until the file was read. */
  readonly symbols: Map<number, ResolvedSymbol | undefined> | undefined;
  /** By range. */
  readonly types: Map<string, ResolvedType | undefined>;
}

interface Shape {
  readonly text: string;
  /** Of the functions whose bodies are not in `text`, as the compiler prints them. */
  readonly signatures: readonly string[];
}

export class KeptAnswers {
  #environment: object | undefined;
  #files = new Map<string, KeptFile>();

  /**
   * The same snapshot, answering from what is kept where that is the same. `edited` are files that will probably be
   * edited next: their shape is remembered now, so that already their first edit is quick.
   */
  over(snapshot: Snapshot, edited: Iterable<string> = []): { answering: Snapshot; edits: Edits } {
    const kept = this.#files;
    const isSame = this.#environment === snapshot.environment;
    // Nothing is kept if what follows fails half-way.
    this.#files = new Map();
    this.#environment = snapshot.environment;
    const projects = new Map(snapshot.projects.map((project) => [project.id, project]));
    const { files, edits } = isSame ? stillTrue(kept, snapshot, projects) : nothing();
    this.#files = files;
    const likely = new Set(edited);
    const answering: Snapshot = {
      ...snapshot,
      read: (project, paths, ask) => {
        const unread = paths.filter((path) => files.get(path)?.symbols === undefined);
        const asked = new Map<SourceFile, readonly number[]>();
        const readings = snapshot.read(project, unread, (file) => {
          const positions = ask(file);
          if (positions !== undefined) asked.set(file, positions);
          return positions;
        });
        for (const { file, symbols } of readings) {
          const positions = asked.get(file) ?? [];
          const known = files.get(file.path);
          const shape = known?.shape ?? (likely.has(file.path) ? shapeOf(snapshot, project, file) : undefined);
          files.set(file.path, {
            projectId: project.id,
            file,
            shape,
            symbols: new Map(positions.map((position, at) => [position, symbols[at]])),
            types: new Map(),
          });
        }
        const fresh = new Map(readings.map((reading) => [reading.file.path, reading]));
        return paths.flatMap((path) => fresh.get(path) ?? fromKept(files.get(path), ask));
      },
      expectTypes: (project, path, spans) => {
        const missing = unasked(spans, files.get(path)?.types);
        if (missing.length > 0) snapshot.expectTypes(project, path, missing);
      },
      types: (project, path, spans) => {
        const known = files.get(path)?.types;
        const missing = unasked(spans, known);
        const answers = missing.length === 0 ? [] : snapshot.types(project, path, missing);
        if (known === undefined) return answers;
        for (const [at, span] of missing.entries()) known.set(keyOfSpan(span), answers[at]);
        return spans.map((span) => known.get(keyOfSpan(span)));
      },
    };
    return { answering, edits };
  }
}

function fromKept(
  known: KeptFile | undefined,
  ask: (file: SourceFile) => readonly number[] | undefined,
): FileReading[] {
  if (known?.symbols === undefined) return [];
  const { file, symbols } = known;
  const positions = ask(file);
  return positions === undefined ? [] : [{ file, symbols: positions.map((position) => symbols.get(position)) }];
}

function keyOfSpan({ start, end }: Span): string {
  return `${start}-${end}`;
}

function unasked(spans: readonly Span[], known: ReadonlyMap<string, unknown> | undefined): readonly Span[] {
  return known === undefined ? spans : spans.filter((span) => !known.has(keyOfSpan(span)));
}

interface StillTrue {
  readonly files: Map<string, KeptFile>;
  readonly edits: Edits;
}

function stillTrue(
  kept: ReadonlyMap<string, KeptFile>,
  snapshot: Snapshot,
  projects: ReadonlyMap<string, Project>,
): StillTrue {
  const files = new Map(kept);
  const edits = new Map<string, Renumbering | undefined>();
  for (const [path, known] of kept) {
    const project = projects.get(known.projectId);
    const file = project && snapshot.syntax(project, path);
    if (project === undefined || file === undefined) return nothing();
    if (file === known.file) continue;
    const shape = shapeOf(snapshot, project, file);
    files.set(path, { projectId: known.projectId, file, shape, symbols: undefined, types: new Map() });
    edits.set(path, isSameShape(known.shape, shape) ? renumbering(known.file, file) : undefined);
  }
  if (edits.size === 0 || renumber(files, edits)) return { files, edits: new Set(edits.keys()) };
  const shapes = [...files].map(([path, known]): [string, KeptFile] => [
    path,
    { ...known, symbols: undefined, types: new Map() },
  ]);
  return { files: new Map(shapes), edits: 'anything' };
}

function nothing(): StillTrue {
  return { files: new Map(), edits: 'anything' };
}

// ---------------------------------------------------------------- shape

function shapeOf(snapshot: Snapshot, project: Project, file: SourceFile): Shape {
  const hidden = hiddenFunctions(file);
  let text = '';
  let at = 0;
  for (const { bodySpan } of hidden) {
    text += file.text.slice(at, bodySpan.start);
    at = bodySpan.end;
  }
  text += file.text.slice(at);
  // Which files a program has is decided by imports, wherever they are.
  for (const { module } of file.imports) text += `\0${module}`;
  for (const { callee, args } of file.calls) {
    const [module] = args;
    if (callee.kind === 'identifier' && /^(?:import|require)$/.test(callee.name) && module !== undefined) {
      text += `\0${file.text.slice(module.start, module.end)}`;
    }
  }
  return { text, signatures: snapshot.signatures(project, file.path, hidden) };
}

/**
 * Outermost functions that other files see by their type alone, in source order. Not so constructors, whose assignments
 * give properties their types, and bodies with classes, which types name without describing them. JavaScript has
 * declarations in any body.
 */
function hiddenFunctions(file: SourceFile): FunctionNode[] {
  if (file.language === 'javascript' || file.syntaxErrors.length > 0) return [];
  const hasClass = (node: FunctionNode): boolean =>
    file.classes.some((it) => node.bodySpan.start <= it.start && it.end <= node.bodySpan.end);
  return file.functions
    .filter((node) => node.parent === 0 && node.hasBody && node.kind !== 'constructor' && node.kind !== 'static-block')
    .filter((node) => !hasClass(node))
    .sort((a, b) => a.start - b.start);
}

function isSameShape(a: Shape | undefined, b: Shape): boolean {
  return (
    a !== undefined &&
    a.text === b.text &&
    a.signatures.length === b.signatures.length &&
    a.signatures.every((signature, at) => signature === b.signatures[at])
  );
}

// ---------------------------------------------------------------- numbers of declarations

/** Number of a declaration after an edit by its number before; undefined for one that is in a hidden body. */
type Renumbering = ReadonlyMap<number, number | undefined>;

/** Undefined when the declarations outside of bodies do not correspond. */
function renumbering(before: SourceFile, after: SourceFile): Renumbering | undefined {
  const visible = visibleDeclarations(before);
  const now = visibleDeclarations(after);
  if (visible.length !== now.length) return undefined;
  const numbers = new Map<number, number | undefined>(declarations(before, () => true).map((it) => [it, undefined]));
  for (const [at, number] of visible.entries()) numbers.set(number, now[at]);
  return numbers;
}

function visibleDeclarations(file: SourceFile): number[] {
  const hidden = hiddenFunctions(file).map(({ bodySpan }) => bodySpan);
  return declarations(file, (node) => !hidden.some(({ start, end }) => start <= node.start && node.end <= end));
}

function declarations(file: SourceFile, isWanted: (node: Span) => boolean): number[] {
  return [
    ...file.functions.filter(isWanted).flatMap(({ nodeIndexes }) => nodeIndexes),
    ...file.classes.filter(isWanted).map(({ nodeIndex }) => nodeIndex),
    ...file.made.filter(isWanted).map(({ nodeIndex }) => nodeIndex),
  ];
}

/** False when a shape changed, or an answer points to what has no number any more. */
function renumber(files: ReadonlyMap<string, KeptFile>, edits: ReadonlyMap<string, Renumbering | undefined>): boolean {
  if ([...edits.values()].includes(undefined)) return false;
  const seen = new Map<ResolvedSymbol, ResolvedSymbol | undefined>();
  for (const { symbols } of files.values()) {
    for (const [position, symbol] of symbols ?? []) {
      if (symbol === undefined) continue;
      if (!seen.has(symbol)) seen.set(symbol, renumbered(symbol, edits));
      const now = seen.get(symbol);
      if (now === undefined) return false;
      if (now !== symbol) symbols?.set(position, now);
    }
  }
  return true;
}

function renumbered(
  symbol: ResolvedSymbol,
  edits: ReadonlyMap<string, Renumbering | undefined>,
): ResolvedSymbol | undefined {
  if (!symbol.declarations.some(({ path }) => edits.has(path))) return symbol;
  const declarations: Declaration[] = [];
  for (const declaration of symbol.declarations) {
    const numbers = edits.get(declaration.path);
    const nodeIndex = numbers?.get(declaration.nodeIndex);
    if (numbers?.has(declaration.nodeIndex) === true && nodeIndex === undefined) return undefined;
    // What is neither function nor class is found by its name; its old number may now be another's.
    declarations.push(numbers === undefined ? declaration : { ...declaration, nodeIndex: nodeIndex ?? NO_NUMBER });
  }
  return { ...symbol, declarations };
}

const NO_NUMBER = -1;
