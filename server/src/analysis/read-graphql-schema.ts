/**
 * Fields of the object types that GraphQL schema language declares, in schema files and in `gql` templates: which type
 * a field gives and whether as a list. Not a parser of the language: arguments, directives and descriptions are cut
 * away, and what then looks like no field is skipped.
 */
import type { SourceFile } from '../typescript/syntax.ts';

export interface GraphqlField {
  /** The type that has the field. */
  readonly parent: string;
  readonly name: string;
  /** The type it gives, without list and non-null marks. */
  readonly type: string;
  readonly list: boolean;
}

const SCHEMA_FILE = /\.(graphqls?|gql)$/;
const DECLARES = /\b(?:type|interface)\s+\w+[^{}()]*\{/;

export function readGraphqlFields(
  files: readonly SourceFile[],
  schemas: readonly { path: string; text: string }[],
): GraphqlField[] {
  const texts = schemas.filter(({ path }) => SCHEMA_FILE.test(path)).map(({ text }) => text);
  for (const { text } of files) {
    if (!/\bgql\b|graphql/i.test(text)) continue;
    for (const [, inner = ''] of text.matchAll(/`([^`]*)`/g)) if (DECLARES.test(inner)) texts.push(inner);
  }
  return texts.flatMap(fieldsIn);
}

function fieldsIn(text: string): GraphqlField[] {
  const plain = text
    .replaceAll(/"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"/g, '')
    .replaceAll(/#[^\n]*/g, '')
    .replaceAll(/\([^()]*\)/g, '');
  const fields: GraphqlField[] = [];
  for (const [, parent = '', body = ''] of plain.matchAll(/\b(?:type|interface)\s+(\w+)[^{}]*\{([^{}]*)\}/g)) {
    for (const [, name = '', list, type = ''] of body.matchAll(/(\w+)\s*:\s*(\[+)?\s*(\w+)/g)) {
      fields.push({ parent, name, type, list: list !== undefined });
    }
  }
  return fields;
}
