/**
 * Collections that live as long as the process: variables of a module, static members, members of classes of which
 * there is one object. Says where one is declared and which files can reach it.
 */
import type { ProgramFacts } from '../../../analysis/program.ts';
import { keyOf, type PlaceValue, type Value } from '../../../analysis/value.ts';
import { escaped } from '../../../rewrite/mention.ts';
import type { ClassNode, Expression, SourceFile, Span } from '../../../typescript/syntax.ts';

export interface Collection {
  readonly key: string;
  readonly place: PlaceValue;
  /** The variable's or member's name. */
  readonly name: string;
  readonly file: SourceFile;
  /** The name in the declaration. */
  readonly at: Span;
  readonly initializer: Expression;
  /** A member, reached through its object. */
  readonly owner?: ClassNode;
  /** Of a class of which there is one object. */
  readonly single: boolean;
}

export function declaredCollection(target: Value, program: ProgramFacts): Collection | undefined {
  if (target.kind !== 'place') return undefined;
  const { root, path } = target;
  if (root.kind === 'module') {
    const file = program.file(root.path);
    if (file === undefined) return undefined;
    if (path.length === 1) {
      const owner = file.classes.find((node) => node.name === root.name);
      return owner === undefined ? undefined : ofMember(target, owner, file, path[0] ?? '', true);
    }
    const variable =
      path.length > 0
        ? undefined
        : file.variables.find((candidate) => candidate.fn === 0 && candidate.name === root.name);
    if (variable?.initializer === undefined || variable.reassigned || !isCollection(variable.initializer))
      return undefined;
    return {
      key: keyOf(target),
      place: target,
      name: variable.name,
      file,
      at: variable.at,
      initializer: variable.initializer,
      single: true,
    };
  }
  if (root.kind !== 'this' || root.class === undefined || path.length !== 1) return undefined;
  const [name] = path;
  const file = program.file(root.class.slice(0, root.class.lastIndexOf('#')));
  const owner = file?.classes.find((node) => node.name === root.class?.slice(root.class.lastIndexOf('#') + 1));
  if (file === undefined || owner === undefined || name === undefined || !isSingle(owner, program)) return undefined;
  return ofMember(target, owner, file, name, false);
}

function ofMember(
  place: PlaceValue,
  owner: ClassNode,
  file: SourceFile,
  name: string,
  isStatic: boolean,
): Collection | undefined {
  const property = owner.properties.find((candidate) => candidate.name === name && candidate.static === isStatic);
  if (property?.initializer === undefined || !isCollection(property.initializer)) return undefined;
  return {
    key: keyOf(place),
    place,
    name,
    file,
    at: property.nameAt,
    initializer: property.initializer,
    owner,
    single: true,
  };
}

function isCollection(init: Expression): boolean {
  if (init.kind === 'call') {
    if (!init.isNew)
      return (
        init.callee.kind === 'member' &&
        init.callee.name === 'create' &&
        init.args[0]?.kind === 'literal' &&
        init.args[0].value === null
      );
    return init.callee.kind === 'identifier' && /^(Map|Set|Array)$/.test(init.callee.name) && init.args.length === 0;
  }
  return (
    (init.kind === 'object' && init.properties.length === 0) || (init.kind === 'array' && init.elements.length === 0)
  );
}

const SINGLETON =
  /^(Injectable|Service|Singleton|singleton|Controller|RestController|JsonController|Resolver|Processor|WebSocketGateway|Catch)$/;

/** A provider of a container, unless it says otherwise, or a class whose only object a module makes. */
function isSingle(owner: ClassNode, program: ProgramFacts): boolean {
  const decorator = owner.decorators.find((candidate) => SINGLETON.test(candidate.name));
  if (decorator !== undefined) {
    return !decorator.args.some(
      (arg) =>
        arg.kind === 'object' &&
        arg.properties.some(
          (property) => property.kind === 'property' && /^(scope|transient)$/.test(property.key ?? ''),
        ),
    );
  }
  return instancesOf(program).get(owner.name) === 'module';
}

const known = new WeakMap<ProgramFacts, ReadonlyMap<string, 'module' | 'other'>>();

/** Where `new X()` stands, for every name: once at module level, or anywhere else. */
function instancesOf(program: ProgramFacts): ReadonlyMap<string, 'module' | 'other'> {
  const before = known.get(program);
  if (before !== undefined) return before;
  const found = new Map<string, 'module' | 'other'>();
  for (const { fn } of program.functions) {
    if (fn.node.kind !== 'module') continue;
    for (const call of fn.file.calls) {
      if (!call.isNew || call.callee.kind !== 'identifier') continue;
      const atTop = !fn.file.functions.some(
        (other) => other.index !== 0 && other.start <= call.start && call.end <= other.end,
      );
      found.set(call.callee.name, atTop && !found.has(call.callee.name) ? 'module' : 'other');
    }
  }
  known.set(program, found);
  return found;
}

/** The declaring file, and those that import the variable or the class. */
export function filesThatSee({ file, name, owner }: Collection, program: ProgramFacts): SourceFile[] {
  const files = [file];
  const imported = owner?.name ?? name;
  const exported =
    owner !== undefined || file.exports.some((entry) => entry.name === name) || /\bexport\b/.test(file.text);
  if (!exported) return files;
  const access = new RegExp(`\\.${escaped(name)}\\b`);
  for (const { fn } of program.functions) {
    if (fn.node.kind !== 'module' || fn.path === file.path) continue;
    if (
      owner !== undefined
        ? fn.file.text.includes(`.${name}`) && access.test(fn.file.text)
        : fn.file.imports.some((node) => node.bindings.some((binding) => binding.imported === imported))
    )
      files.push(fn.file);
  }
  return files;
}
