/**
 * A collection that lives as long as the process takes an entry for every request, and nothing takes one out. Errs
 * towards silence: anything that looks as if it could shrink the collection, in any file that can see it, counts, and
 * so does a key whose name says that there are few.
 */
import type { FunctionFacts, MemoryEffect, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isCalledOnce, recurrenceOf } from '../../../analysis/recurrence.ts';
import { isImportOrTool } from '../../../analysis/repetition.ts';
import { resourceKey } from '../../../analysis/trace.ts';
import { hasPart, rootsOf, type Value, walkValue } from '../../../analysis/value.ts';
import { callAt, textOf } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';
import { type Collection, declaredCollection, filesThatSee } from './collection.ts';
import { fixUnboundedCache } from './fix.ts';
import { shrinks } from './shrinking.ts';

export interface UnboundedCacheEvidence {
  readonly add: Operation;
  readonly collection: Collection;
  readonly files: readonly SourceFile[];
  readonly confidence: Confidence;
}

export const unboundedCache = defineRule<UnboundedCacheEvidence>({
  id: 'memory-leak/unbounded-cache',
  summary: 'A long-lived collection only grows.',
  severity: 'warning',
  status: 'stable',
  cwe: [401, 770],
  detect: (fn, { program }) => detect(fn, program),
  report: ({ add, collection: { name, file, at, place }, confidence }) => ({
    at: add.at,
    message: `'${name}' lives as long as the process and gets an entry at '${add.name}' for every new key, but nothing removes one.`,
    related: [{ at: { path: file.path, start: at.start, end: at.end }, message: `'${name}' is created here.` }],
    confidence,
    resource: `collection ${resourceKey(place)}`,
  }),
  fixes: fixUnboundedCache,
});

function detect(fn: FunctionFacts, program: ProgramFacts): readonly UnboundedCacheEvidence[] {
  if (runsWithModule(fn) || isPage(fn.fn.file) || isTool(fn.fn.path)) return [];
  const found: UnboundedCacheEvidence[] = [];
  const seen = new Set<string>();
  for (const add of fn.operations) {
    const { effect } = add;
    if (effect.kind !== 'memory' || effect.action !== 'add' || add.chain.length > 0 || add.fn !== fn.fn.key) continue;
    const collection = declaredCollection(effect.target, program);
    if (collection === undefined || seen.has(collection.key)) continue;
    const confidence = confidenceOf(fn, add, effect, collection, program);
    if (confidence === undefined) continue;
    const files = filesThatSee(collection, program);
    if (shrinks(collection, files, program)) continue;
    seen.add(collection.key);
    found.push({ add, collection, files, confidence });
  }
  return found;
}

/** The module itself, or `modules.forEach((module) => …)` in it: once, for what is there. */
function runsWithModule({ fn: { node, file } }: FunctionFacts): boolean {
  if (node.kind === 'module') return true;
  const around = node.parent === undefined ? undefined : file.functions[node.parent];
  return around?.kind === 'module' && /\.(forEach|map|reduce)\(\s*$/.test(file.text.slice(0, node.start).slice(-40));
}

const PAGE_LIBRARY = /^(react|react-dom|preact|vue|solid-js|svelte|@angular\/core|lit|mobx-react|zustand|jotai)(\/|$)/;
const TOOL =
  /(^|\/)(cli|bin|codegen|codemods?|generators?|schematics|devkit|eslint-plugin|babel|vite|webpack|compiler|loaders?|decorators?|metadata|frontend|client|browser|components|composables|hooks)(\/|-plugin|\.)|-(cli|client|generator|ui)\//i;

/** A page is left before it matters. */
function isPage(file: SourceFile): boolean {
  return /\.[jt]sx$/.test(file.path) || file.imports.some(({ module }) => PAGE_LIBRARY.test(module));
}

/** Runs to its end, or at build time, or in the browser. */
function isTool(path: string): boolean {
  return TOOL.test(path);
}

// ---------------------------------------------------------------- the key

/** Words of values of which every request or user may bring a new one. */
const UNBOUNDED_KEY =
  /^(\w*[a-z_])?(id|ids|Id|ID|_id|uuid|guid|url|uri|href|token|jwt|session|ip|ipAddress|email|query|hash|digest|input|address|slug|cursor|apiKey|cacheKey|signature|fingerprint|nonce|username|phone|filename|filePath)$/;
/** The same, if something else speaks for it. */
const PERHAPS_KEY = /(path|text|user|search|content|message)$/i;
const BOUNDED_KEY =
  /(type|kind|locale|lang|language|model|table|tableName|column|class|className|ctor|constructor|target|metadata|schema|plugin|provider|strategy|role|level|extension|ext|mime|format|currency|country|region|version|env|environment|theme|icon|event|eventName|method|methodName|command|operator|field|fieldName|property|propertyKey|attribute|status|channel|topic|entity|entityName|module|moduleName|package|packageName|service|serviceName|namespace|db|database|connectionName|template|templateName|timezone|tz|unit|feature|flag|rule|option|emoji|char|glyph|font|color|pattern|regex|definition|token[A-Z]\w*|dialect|resource|scope|moduleId|pluginId|localeId|typeId|componentId|modelId|queueName|jobName|metric|metricName|(buffer|pool|worker|store|index|collection|driver|adapter|engine|zone|node|shard|partition|chunk|facet|category|group|bucket|cluster|project|workspace|app)(Id|Key|Name|Code)?)$/i;
const REGISTRY =
  /regist(er|ry|rations?)|definitions?|handlers?|listeners?|subscribers?|plugins?|providers?|strategies|metadata|factories|resolvers|loaders?|schemas?|models?|types|warned|warnings|deprecat|logged|hooks?|modules|routes|commands|middlewares?|interceptors?|converters?|serializers?|enums?|locales?|translations?|templates?|icons?|constants?|singletons?|instances|entities/i;
const REGISTERS =
  /^(_?)(register|add[A-Z]|add$|define|declare|install|use[A-Z]|use$|extend|provide|set[A-Z]|enable|mock|on$|on[A-Z]|subscribe|attach|bind|load[A-Z]\w*s$|init|configure|build|compile|collect|decorat)/;

/** Undefined when the keys are a finite set, or the function registers things. */
function confidenceOf(
  fn: FunctionFacts,
  add: Operation,
  effect: MemoryEffect,
  collection: Collection,
  program: ProgramFacts,
): Confidence | undefined {
  const file = program.file(add.at.path);
  const key = effect.key ?? effect.value;
  if (file === undefined || key === undefined || !comesFromOutside(key) || isReference(effect, key)) return undefined;
  const recurrence = recurrenceOf(fn.fn, program);
  const owner = recurrence.fn;
  if (recurrence.kind !== 'call' && !collection.single) return undefined;
  if (REGISTRY.test(collection.name) || REGISTERS.test(owner.node.name) || isCalledOnce(owner, program))
    return undefined;
  const names = keyNames(file, add, effect);
  if (names.length === 0 || names.every((name) => BOUNDED_KEY.test(name))) return undefined;
  const repeated = (program.factsOf(owner.key)?.entries ?? fn.entries).some(
    ({ kind }) => kind !== 'exported' && kind !== 'listener',
  );
  const unbounded = names.some((name) => UNBOUNDED_KEY.test(name) && !BOUNDED_KEY.test(name));
  // A list is as often gathered and handed on as it is a cache.
  if (effect.key === undefined) return repeated && unbounded ? 'low' : undefined;
  // Somebody starts an import now and then, and what it keeps is about the things that it makes.
  if (isImportOrTool(fn)) return 'low';
  if (unbounded) return repeated ? 'high' : 'medium';
  if (names.some((name) => PERHAPS_KEY.test(name) && !BOUNDED_KEY.test(name))) return repeated ? 'medium' : 'low';
  return repeated ? 'low' : undefined;
}

/** The key depends on what the function was given. */
function comesFromOutside(key: Value): boolean {
  if (rootsOf(key).some((root) => root.kind === 'parameter' || root.kind === 'captured')) return true;
  return hasPart(key, ({ kind }) => kind === 'result' || kind === 'element');
}

/** Keyed by an object, a function or a class: the program has so many, and a `WeakMap` is another question. */
function isReference(effect: MemoryEffect, key: Value): boolean {
  return key.kind === 'closure' || key.kind === 'object' || key.kind === 'constant' || effect.value?.kind === 'closure';
}

/** The names a reader sees in the key: `userId` of `cache.set(user.id, …)` is `id`. */
function keyNames(file: SourceFile, add: Operation, effect: MemoryEffect): string[] {
  const call = callAt(file, add.span) ?? callAt(file, add.at);
  const text = call?.args[0] === undefined ? assignedKey(file, add) : textOf(file, call.args[0]);
  if (text === undefined) return [];
  const names = [...text.replaceAll(/(['"])[^'"]*\1/g, '').matchAll(/([A-Za-z_$][\w$]*)(?![\w$]*\s*[(.[])/g)].map(
    (match) => match[1] ?? '',
  );
  // `const key = …` says less than what it is made of.
  const made: string[] = [];
  if (/^(cache)?key$/i.test(text.trim()) && effect.key !== undefined) {
    walkValue(effect.key, (part) => {
      if (part.kind === 'place' || part.kind === 'element' || part.kind === 'result')
        made.push(part.path.at(-1) ?? (part.kind === 'place' && 'name' in part.root ? part.root.name : ''));
    });
  }
  return [...names, ...made].filter(
    (name) => name !== '' && !/^(toString|String|Number|JSON|stringify|undefined|null|this|length)$/.test(name),
  );
}

/** `cache[key] = …` */
function assignedKey(file: SourceFile, add: Operation): string | undefined {
  return /\[([^\]]+)\]\s*(?:\?\?|\|\|)?=[^=]/.exec(file.text.slice(add.span.start, add.span.end))?.[1];
}
