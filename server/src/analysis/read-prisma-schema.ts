/**
 * Models of a `schema.prisma`: columns, relations, unique constraints. Line by line, as the language is written; what
 * does not look like a field or an attribute is skipped.
 */
import type { EntitySchema, RelationSchema } from './schema.ts';

/** Models by name, and by the name of the client's member: `TeamMember` and `teamMember`. */
export function readPrismaSchema(path: string, text: string): Map<string, EntitySchema> {
  const models = new Map<string, EntitySchema>();
  const blocks = [...text.matchAll(/^[ \t]*model[ \t]+(\w+)[ \t]*\{([\s\S]*?)^[ \t]*\}/gm)];
  const names = new Set(blocks.map(([, name]) => name));
  for (const [, name = '', body = ''] of blocks) {
    const model = readModel(path, name, body, names);
    models.set(name, model);
    models.set(name.charAt(0).toLowerCase() + name.slice(1), model);
  }
  return models;
}

function readModel(path: string, name: string, body: string, models: ReadonlySet<string | undefined>): EntitySchema {
  const columns = new Set<string>();
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
    const field = /^(\w+)\s+(\w+)(\[\])?\??/.exec(code);
    if (field === null) continue;
    const [, column = '', type = '', list] = field;
    if (models.has(type)) {
      relations.set(column, {
        name: column,
        target: type,
        kind: list === undefined ? 'many-to-one' : 'one-to-many',
        lazy: false,
        eager: false,
      });
      continue;
    }
    columns.add(column);
    if (/@(id|unique)\b/.test(code.replaceAll('@@', ''))) unique.push([column]);
  }
  return { name, table, path, library: 'prisma', relations, columns, unique: unique.filter((set) => set.length > 0) };
}
