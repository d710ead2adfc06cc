/**
 * Types of expressions as plain data: printed text, the class or interface behind it, and its type arguments.
 *
 * `T | undefined` has the name of `T`, a type parameter that of its constraint. Values that are themselves a class,
 * function or module (`typeof User`) have no name: it would be taken for an instance.
 */
import type { Node } from 'typescript/unstable/ast';
import {
  type Checker,
  type Project as NativeProject,
  type Type as NativeType,
  NodeBuilderFlags,
  ObjectFlags,
  SymbolFlags,
  TypeFlags,
} from 'typescript/unstable/sync';
import { askIfAble, askInBatch, expectInBatch } from './ask-in-batch.ts';
import type { Declaration, ResolvedType } from './compiler.ts';
import type { SymbolResolution } from './symbol-resolution.ts';

const MAX_TEXT = 200;
const MAX_DEPTH = 2;
const WHOLE = NodeBuilderFlags.NoTruncation | NodeBuilderFlags.UseFullyQualifiedType;

export class TypeResolution {
  readonly #checker: Checker;
  readonly #symbols: SymbolResolution;
  /** By depth of type arguments still to be filled in, then by type. */
  readonly #known = [0, 1, 2].map(() => new Map<number, ResolvedType>());

  constructor(project: NativeProject, symbols: SymbolResolution) {
    this.#checker = project.checker;
    this.#symbols = symbols;
  }

  resolve(nodes: readonly (Node | undefined)[]): (ResolvedType | undefined)[] {
    return askInBatch(nodes, (batch) => this.#checker.getTypeAtLocation(batch)).map(
      (type) => type && askIfAble(() => this.#describe(type, MAX_DEPTH)),
    );
  }

  expect(nodes: readonly (Node | undefined)[], expect: (ask: () => unknown) => void): void {
    expectInBatch(nodes, (batch) => this.#checker.getTypeAtLocation(batch), expect);
  }

  /** Whole types, nothing cut. */
  print(nodes: readonly (Node | undefined)[], expect: (ask: () => unknown) => void): (string | undefined)[] {
    const types = askInBatch(nodes, (batch) => this.#checker.getTypeAtLocation(batch));
    const print = (type: NativeType): string => this.#checker.typeToString(type, undefined, WHOLE);
    for (const type of types) if (type) expect(() => print(type));
    return types.map((type) => type && askIfAble(() => print(type)));
  }

  #describe(type: NativeType, depth: number): ResolvedType {
    const known = this.#known[depth]?.get(type.id);
    if (known) return known;
    const named = this.#named(type);
    const identity = named && this.#identity(named);
    const args = named && identity && depth > 0 ? this.#typeArguments(named) : [];
    const typeArguments = args.map((argument) => this.#describe(argument, depth - 1));
    const described: ResolvedType = {
      text: this.#text(type, named, identity?.name, typeArguments, depth),
      ...identity,
      typeArguments,
      isAny: (type.flags & TypeFlags.Any) !== 0,
    };
    this.#known[depth]?.set(type.id, described);
    return described;
  }

  /** The type whose name counts. */
  #named(type: NativeType): NativeType | undefined {
    if (type.isUnionType()) {
      const nothing = TypeFlags.Undefined | TypeFlags.Null | TypeFlags.Void;
      const rest = (type.getTypes() ?? []).filter((member) => !(member.flags & nothing));
      const [first] = rest;
      if (first === undefined) return type;
      return rest.length === 1 ? this.#named(first) : this.#areKin(rest) ? first : type;
    }
    if (type.isTypeParameter()) {
      const constraint = this.#checker.getBaseConstraintOfType(type);
      return constraint && constraint.id !== type.id && !constraint.isTypeParameter() ? this.#named(constraint) : type;
    }
    return type;
  }

  /** `Knex | Knex.Transaction`, `Redis | Cluster`: interfaces of one package that are used alike; the first stands for all. */
  #areKin(types: readonly NativeType[]): boolean {
    const symbols = new Set<number>();
    const packages = new Set<string>();
    const paths = new Set<string>();
    for (const type of types) {
      const symbol = type.isObjectType() && !(type.objectFlags & ObjectFlags.Anonymous) ? type.getSymbol() : undefined;
      if (!symbol || !(symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface))) return false;
      symbols.add(symbol.id);
      const [declaration] = this.#symbols.declarations(symbol);
      if (!declaration) return false;
      paths.add(declaration.path);
      // A namespace of a declared module has no package of its own.
      if (declaration.package !== undefined) packages.add(declaration.package);
      else if (paths.size > 1) return false;
    }
    // `Repository<A> | Repository<B>` is neither.
    return symbols.size === types.length && packages.size === 1 && !packages.has('lib');
  }

  #identity(type: NativeType): { name?: string; declaration?: Declaration } | undefined {
    if (this.#isTuple(type)) return { name: 'Array' };
    if (!(type.flags & (TypeFlags.Object | TypeFlags.UnionOrIntersection | TypeFlags.EnumLike))) return undefined;
    const symbol = type.getSymbol();
    const named = symbol && symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.Enum);
    const isInstance = !type.isObjectType() || (type.objectFlags & ObjectFlags.Anonymous) === 0;
    const owner = named && isInstance ? symbol : type.getAliasSymbol();
    if (!owner) {
      // `typeof User`: where it is declared is known, but it is not a `User`.
      const [declaration] = symbol ? this.#symbols.declarations(symbol) : [];
      return declaration ? { declaration } : undefined;
    }
    const described = this.#symbols.describe(owner);
    const declaration = described?.declarations[0];
    return { name: described?.name ?? owner.name, ...(declaration ? { declaration } : {}) };
  }

  #typeArguments(type: NativeType): readonly NativeType[] {
    if (type.isObjectType() && type.isTypeReference()) {
      const target = type.getTarget();
      if (!this.#isTuple(type) && target?.isClassOrInterface() && target.getTypeParameters().length === 0) return [];
      const args = this.#checker.getTypeArguments(type);
      // The hidden argument that stands for `this` comes last.
      return !this.#isTuple(type) && target?.isClassOrInterface()
        ? args.slice(0, target.getTypeParameters().length)
        : args;
    }
    return type.getAliasTypeArguments();
  }

  #isTuple(type: NativeType): boolean {
    return type.isObjectType() && type.isTypeReference() && (type.getTarget()?.isTupleType() ?? false);
  }

  /** Printing is a round trip, so what is plain is put together here. */
  #text(
    type: NativeType,
    named: NativeType | undefined,
    name: string | undefined,
    typeArguments: readonly ResolvedType[],
    depth: number,
  ): string {
    if (type.isIntrinsicType()) {
      const { intrinsicName } = type as NativeType & { intrinsicName?: string };
      if (intrinsicName !== undefined) return intrinsicName === 'error' ? 'any' : intrinsicName;
    }
    const isPlain =
      type === named && name !== undefined && !this.#isTuple(type) && name !== 'Array' && name !== 'ReadonlyArray';
    if (isPlain && (typeArguments.length > 0 || (depth > 0 && this.#typeArguments(type).length === 0))) {
      const list = typeArguments.map((argument) => argument.text).join(', ');
      return cut(list === '' ? name : `${name}<${list}>`);
    }
    return cut(this.#checker.typeToString(type));
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}
