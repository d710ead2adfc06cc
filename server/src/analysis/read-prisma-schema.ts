/**
 * Models of a `schema.prisma`: columns, relations, unique constraints. Line by line, as the language is written; what
 * does not look like a field or an attribute is skipped.
 */
import { type ColumnSchema, type EntitySchema, kindOfType, type RelationSchema } from './schema.ts';

/** Models by name, and by the name of the client's member: `TeamMember` and `teamMember`. */
export function readPrismaSchema(
  path: string,
  text: string,
  provider = providerIn(text),
  names: ReadonlySet<string> = modelNamesIn(text),
  enums: ReadonlyMap<string, number> = enumsIn(text),
): Map<string, EntitySchema> {
  const models = new Map<string, EntitySchema>();
  const blocks = [...text.matchAll(/^[ \t]*model[ \t]+(\w+)[ \t]*\{([\s\S]*?)^[ \t]*\}/gm)];
  for (const [, name = '', body = ''] of blocks) {
    const model = readModel({ path, provider, enums }, name, body, names);
    models.set(name, model);
    models.set(name.charAt(0).toLowerCase() + name.slice(1), model);
  }
  return models;
}

/** In a schema of several files, models refer to those of the others. */
export function modelNamesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^[ \t]*model[ \t]+(\w+)/gm)].map(([, name = '']) => name));
}

/** How many members each enum has. */
export function enumsIn(text: string): ReadonlyMap<string, number> {
  const blocks = text.matchAll(/^[ \t]*enum[ \t]+(\w+)[ \t]*\{([\s\S]*?)^[ \t]*\}/gm);
  return new Map([...blocks].map(([, name = '', body = '']) => [name, [...body.matchAll(/^[ \t]*\w+/gm)].length]));
}

/** The kind of database; in a schema of several files one of them says it. */
export function providerIn(text: string): string | undefined {
  return /^[ \t]*datasource[ \t]+\w+[ \t]*\{[^}]*?\bprovider\s*=\s*"(\w+)"/m.exec(text)?.[1];
}

function readModel(
  { path, provider, enums }: { path: string; provider: string | undefined; enums: ReadonlyMap<string, number> },
  name: string,
  body: string,
  models: ReadonlySet<string>,
): EntitySchema {
  const columns = new Map<string, ColumnSchema>();
  const stored = new Map<string, { name: string; type: string }>();
  const references = new Map<string, { model: string; column: string }>();
  let touched: string | undefined;
  const relations = new Map<string, RelationSchema>();
  const unique: string[][] = [];
  let table: string | undefined;
  for (const line of body.split('\n')) {
    const code = line.replace(/\/\/.*$/, '').trim();
    const block = /^@@(unique|id|map)\((?:(?:fields|name):\s*)?(.*)\)$/.exec(code);
    if (block !== null) {
      const [, kind, rest = ''] = block;
      if (kind === 'map') table = /"([^"]+)"/.exec(rest)?.[1];
      else
        unique.push(
          [...(/\[([^\]]*)\]/.exec(rest)?.[1] ?? '').matchAll(/(\w+)(?:\([^)]*\))?/g)].map(([, column = '']) => column),
        );
      continue;
    }
    const field = /^(\w+)\s+(\w+)(\[\])?(\?)?/.exec(code);
    if (field === null) continue;
    const [, column = '', type = '', list, optional] = field;
    if (models.has(type)) {
      const [, from, to] = /fields:\s*\[\s*(\w+)\s*\][^)]*references:\s*\[\s*(\w+)\s*\]/.exec(code) ?? [];
      if (from !== undefined && to !== undefined) references.set(from, { model: type, column: to });
      relations.set(column, {
        name: column,
        target: type,
        kind: list === undefined ? 'many-to-one' : 'one-to-many',
        lazy: false,
        eager: false,
      });
      continue;
    }
    const choices = list === undefined ? enums.get(type) : undefined;
    columns.set(column, {
      kind: kindOfType(type + (list ?? '')),
      nullable: optional !== undefined,
      ...(choices === undefined ? {} : { choices }),
    });
    stored.set(column, {
      name: /@map\((?:name:\s*)?"([^"]+)"/.exec(code.replaceAll('@@', ''))?.[1] ?? column,
      type: [type + (list ?? ''), ...(/@db\.\w+/.exec(code) ?? [])].join(' '),
    });
    if (/@updatedAt\b/.test(code)) touched = column;
    if (/@(id|unique)\b/.test(code.replaceAll('@@', ''))) unique.push([column]);
  }
  return {
    name,
    table,
    path,
    library: 'prisma',
    relations,
    columns,
    unique: unique.filter((set) => set.length > 0),
    storage: { provider, columns: stored, touched, references },
  };
}
