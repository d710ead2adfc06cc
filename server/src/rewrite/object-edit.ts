/** Object literals that calls are given: their parts, and edits of them. */
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, ObjectExpression, ObjectProperty, SourceFile } from '../typescript/syntax.ts';
import { edit, indentationAt, insert, newlineOf } from './source-edit.ts';

/** The value that an object gives a name. */
export function propertyValue(object: ObjectExpression | undefined, name: string): Expression | undefined {
  const found = object?.properties.find((property) => property.kind === 'property' && property.key === name);
  return found?.kind === 'property' ? found.value : undefined;
}

/** The object under a name of one of the call's arguments. */
export function optionObject(
  call: CallExpression | undefined,
  argument: number,
  name: string,
): ObjectExpression | undefined {
  const value = propertyValue(objectAt(call, argument), name);
  return value?.kind === 'object' ? value : undefined;
}

export function objectAt(call: CallExpression | undefined, argument: number): ObjectExpression | undefined {
  const value = call?.args.at(argument);
  return value?.kind === 'object' ? value : undefined;
}

/** Adds a property at the end of an object, on a line of its own where the others are. */
export function addProperty(file: SourceFile, object: ObjectExpression, text: string): Edit {
  const last = object.properties.at(-1);
  if (last === undefined) return edit(file, object, `{ ${text} }`);
  const between = file.text.slice(object.start, last.span.start);
  const separator = between.includes('\n') ? `,${newlineOf(file)}${indentationAt(file, last.span.start)}` : ', ';
  return insert(file, last.span.end, `${separator}${text}`);
}

/** Takes one of several properties out, with the comma and white space beside it. */
export function removeProperty(file: SourceFile, object: ObjectExpression, property: ObjectProperty): Edit {
  const index = object.properties.indexOf(property);
  const next = object.properties[index + 1];
  if (next !== undefined) return edit(file, { start: property.span.start, end: next.span.start }, '');
  const before = object.properties[index - 1];
  return edit(file, { start: before?.span.end ?? property.span.start, end: property.span.end }, '');
}

/** Puts an options object at the end of the arguments, or a property into the one that stands there. */
export function addOption(file: SourceFile, call: CallExpression, argument: number, text: string): Edit | undefined {
  const given = call.args[argument];
  if (given?.kind === 'object') return addProperty(file, given, text);
  const last = call.args.at(-1);
  if (given !== undefined || last === undefined || call.args.length !== argument) return undefined;
  return insert(file, last.end, `, { ${text} }`);
}

/** Gives a name of the object another value; `{ n }` becomes `{ n: value }`. */
export function replaceValue(file: SourceFile, object: ObjectExpression, name: string, text: string): Edit | undefined {
  const found = object.properties.find((property) => property.kind === 'property' && property.key === name);
  if (found?.kind !== 'property' || found.computed !== undefined) return undefined;
  return found.shorthand ? edit(file, found.span, `${name}: ${text}`) : edit(file, found.value, text);
}
