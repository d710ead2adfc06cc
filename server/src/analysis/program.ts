/**
 * The whole program as rules see it: every function's facts, and what only the program as a whole can answer.
 */
import type { Location } from '../rule.ts';
import type { SourceFile } from '../typescript/syntax.ts';
import type { FunctionFacts, FunctionInfo, Operation } from './fact.ts';
import type { GraphqlField } from './read-graphql-schema.ts';
import type { ColumnSchema, EntitySchema, RelationKind } from './schema.ts';
import type { FunctionKey } from './value.ts';

/** What kind of source a file is; rules are silent outside `source` unless configured. */
export type FileRole = 'source' | 'test' | 'script' | 'migration' | 'generated' | 'configuration';

export interface ProgramFacts {
  /** In deterministic order: by path, then position. */
  readonly functions: readonly FunctionFacts[];
  readonly files: readonly SourceFile[];
  readonly factsOf: (key: FunctionKey) => FunctionFacts | undefined;
  readonly info: (key: FunctionKey) => FunctionInfo | undefined;
  /** The function around one in the source, whatever it is; undefined for a module. */
  readonly parentOf: (info: FunctionInfo) => FunctionInfo | undefined;
  readonly functionsOfFile: (path: string) => readonly FunctionFacts[];
  /** Members of a class and of the project classes it extends; `<path>#<class name>`. */
  readonly functionsOfClass: (classKey: string) => readonly FunctionFacts[];
  readonly callersOf: (key: FunctionKey) => readonly FunctionKey[];
  readonly file: (path: string) => SourceFile | undefined;
  readonly roleOf: (path: string) => FileRole;
  /** Names of all classes above one, inside and outside the project: `EventEmitter`. */
  readonly ancestorsOf: (classKey: string) => readonly string[];
  readonly entity: (name: string) => EntitySchema | undefined;
  /** Sets of columns that no two rows of a table share, from entities, schemas and migrations; the table as it is or by its model's name. */
  readonly uniqueOf: (table: string) => readonly (readonly string[])[];
  /** What a column holds, from entities, schemas and definitions in code; the table by its model's or its own name. */
  readonly column: (table: string, column: string) => ColumnSchema | undefined;
  /** Whether the library refuses to write a row of the table that has changed since it was read (a version that it checks itself). */
  readonly isVersioned: (table: string) => boolean;
  /** How many rows of another table the property of a row holds; undefined where nothing declares it. The row by its model's, table's or variable's name. */
  readonly relationKind: (table: string, property: string) => RelationKind | undefined;
  /** Fields of the GraphQL types that schema files and `gql` templates declare. */
  readonly graphqlFields: readonly GraphqlField[];
  /** The function whose body contains the place, innermost. */
  readonly enclosing: (at: Location) => FunctionInfo | undefined;
  /** All operations of one effect kind over the program, each only in the function it stands in (empty chain). */
  readonly ownOperations: <K extends Operation['effect']['kind']>(kind: K) => readonly Operation[];
}
