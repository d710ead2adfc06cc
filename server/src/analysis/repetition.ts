/**
 * Judgements over loops that rules about repeated work share: which loop runs once per element of a list nobody
 * bounds, where it is reported, what a reader would call the list. Errs towards "short" by names: a list called
 * `locales` is short wherever we looked (fixture: n-plus-one/query-in-loop/short-lists.ts).
 */

import { callAt, statementAround, textOf } from '../rewrite/source-edit.ts';
import type { Location } from '../rule.ts';
import type { CallExpression, FunctionNode, LoopStatement, Pattern, SourceFile, Span } from '../typescript/syntax.ts';
import type { FunctionFacts, FunctionInfo, Loop, Operation } from './fact.ts';
import { functionKey } from './hierarchy.ts';
import { isUnit } from './interpreter.ts';
import { soundsLikeChunking } from './naming.ts';
import type { ProgramFacts } from './program.ts';
import type { DatabaseOperation } from './protection.ts';
import { labelOf, placeOf } from './trace.ts';
import { type FunctionKey, keyOf } from './value.ts';

/** A loop as it stands in the source. */
export type LoopSyntax =
  | { readonly kind: 'statement'; readonly file: SourceFile; readonly loop: LoopStatement }
  | {
      readonly kind: 'callback';
      readonly file: SourceFile;
      readonly call: CallExpression;
      readonly callback?: FunctionNode;
    };

/** The innermost loop around the operation whose number of rounds is a list's length. */
export function unboundedLoop(operation: Operation, program: ProgramFacts): Loop | undefined {
  for (let index = operation.loops.length - 1; index >= 0; index -= 1) {
    const loop = operation.loops[index];
    if (loop?.repeats !== 'elements') continue;
    const syntax = loopSyntax(loop, program);
    // Bounded by name: the list, or what the loop calls its element.
    if (syntax !== undefined && (isBounded(syntax) || drainsWhole(syntax))) continue;
    return loop;
  }
  return undefined;
}

function isBounded(syntax: LoopSyntax): boolean {
  const list = listSpan(syntax);
  const text = list === undefined ? '' : textOf(syntax.file, list);
  // `chunk(ids, 250)`, `this.batches`; an enum's values or a constant table's keys.
  const lastName = /([\w$]+)\s*(\([^()]*\))?$/.exec(text)?.[1];
  if (lastName !== undefined && soundsLikeChunking(lastName)) return true;
  if (/^Object\.(keys|values|entries)\([A-Z]\w*\)/.test(text)) return true;
  return elementNames(syntax).some(
    (name) => soundsLikeChunking(name) || (/^pages?$/i.test(name) && !isRowOfSite(name, syntax)),
  );
}

/** `page.authorId`, `page.path`: a page that people read, not one of a list. */
function isRowOfSite(name: string, syntax: LoopSyntax): boolean {
  const body = syntax.kind === 'statement' ? syntax.loop.bodySpan : syntax.call;
  return new RegExp(`\\b${name}\\??\\.(\\w*[iI]d|path|slug|title|name)\\b`).test(textOf(syntax.file, body));
}

/** `while (queue.length > 0)` that takes the whole list each round: level by level, not element by element. */
function drainsWhole(syntax: LoopSyntax): boolean {
  if (syntax.kind !== 'statement' || syntax.loop.iterable !== undefined || syntax.loop.form === 'for') return false;
  const body = textOf(syntax.file, syntax.loop.bodySpan);
  return !/\.(shift|pop)\(\s*\)/.test(body);
}

/** Whether the place stands in the function itself, or in a closure that runs as part of it. */
export function isInside(at: Location, fn: FunctionFacts, program: ProgramFacts): boolean {
  for (let key = program.enclosing(at)?.key; key !== undefined; key = parentOf(key, program)) {
    if (key === fn.fn.key) return true;
  }
  return false;
}

/**
 * Whether the operation, in this loop, is for the function to tell: it stands in the function, or in a local function
 * beside it that runs as part of it (`transform: (row) => process(row)`) and does not see the loop itself.
 */
export function isOwnRepetition(operation: Operation, loop: Loop, fn: FunctionFacts, program: ProgramFacts): boolean {
  const at = placeOf(operation);
  if (isInside(at, fn, program)) return true;
  const around = parentOf(fn.fn.key, program);
  const surrounding = around === undefined ? undefined : program.factsOf(around);
  if (surrounding === undefined || surrounding.fn.node.kind === 'module' || !isInside(at, surrounding, program))
    return false;
  const beside = program.enclosing(at);
  const facts = beside === undefined ? undefined : program.factsOf(beside.key);
  return facts !== undefined && beside?.key !== around && !seesInLoop(facts, operation, loop);
}

/** Whether the function called sees the operation in this loop as well: then it is reported there. */
export function seenByCallee(operation: Operation, loop: Loop, program: ProgramFacts): boolean {
  if (operation.chain.length === 0) return false;
  const facts = factsAround(operation.chain[1]?.fn ?? operation.fn, program);
  return facts !== undefined && seesInLoop(facts, operation, loop);
}

function seesInLoop(facts: FunctionFacts, operation: Operation, loop: Loop): boolean {
  const same = byPlace(facts).get(operation.at.start);
  return same?.some((own) => own.loops.some((other) => sameLoop(other, loop))) ?? false;
}

const places = new WeakMap<FunctionFacts, ReadonlyMap<number, readonly Operation[]>>();

/** Operations in loops by where they stand: each caller asks for each of them. */
function byPlace(facts: FunctionFacts): ReadonlyMap<number, readonly Operation[]> {
  const known = places.get(facts);
  if (known !== undefined) return known;
  const index = new Map<number, Operation[]>();
  for (const operation of facts.operations) {
    if (operation.loops.length === 0) continue;
    const list = index.get(operation.at.start);
    if (list === undefined) index.set(operation.at.start, [operation]);
    else list.push(operation);
  }
  places.set(facts, index);
  return index;
}

/** Whether all callers hand the function a short list: the loop is then short for everyone. */
export function isShortForCallers(operation: Operation, loop: Loop, fn: FunctionFacts, program: ProgramFacts): boolean {
  if (loop.over?.kind !== 'place' || loop.over.root.kind !== 'parameter') return false;
  const seen = asSeenByCallers(operation, loop, fn, program);
  return seen.length > 0 && seen.every(({ repeats }) => repeats === 'constant' || repeats === 'chunk');
}

/** The loop around the operation with what the callers of the function put into it. */
export function asSeenByCallers(operation: Operation, loop: Loop, fn: FunctionFacts, program: ProgramFacts): Loop[] {
  return program
    .callersOf(fn.fn.key)
    .flatMap((caller) =>
      (factsAround(caller, program)?.operations ?? []).flatMap((other) =>
        other.at.start === operation.at.start && other.at.path === operation.at.path
          ? other.loops.filter((around) => sameLoop(around, loop))
          : [],
      ),
    );
}

/** By place: a closure walked in two functions has a loop of its own in each. */
function sameLoop(a: Loop, b: Loop): boolean {
  return a.at.start === b.at.start && a.at.path === b.at.path;
}

function factsAround(key: FunctionKey, program: ProgramFacts): FunctionFacts | undefined {
  for (let around: FunctionKey | undefined = key; around !== undefined; around = parentOf(around, program)) {
    const facts = program.factsOf(around);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

/** The function a closure runs in; undefined for one that has facts whatever is around it. */
function parentOf(key: FunctionKey, program: ProgramFacts): FunctionKey | undefined {
  const info: FunctionInfo | undefined = program.info(key);
  if (info === undefined || isUnit(info.node) || info.node.parent === undefined) return undefined;
  return functionKey(info.path, info.node.parent);
}

// ---------------------------------------------------------------- the loop in the source

/** By place: an instantiated loop has that of the loop itself. */
const syntaxes = new WeakMap<Location, { readonly syntax: LoopSyntax | undefined }>();

export function loopSyntax(loop: Loop, program: ProgramFacts): LoopSyntax | undefined {
  let known = syntaxes.get(loop.at);
  if (known === undefined) {
    known = { syntax: findLoop(loop, program) };
    syntaxes.set(loop.at, known);
  }
  return known.syntax;
}

function findLoop(loop: Loop, program: ProgramFacts): LoopSyntax | undefined {
  const file = program.file(loop.at.path);
  if (file === undefined) return undefined;
  if (loop.form === 'callback' || loop.form === 'stream') {
    const call = callAt(file, loop.at);
    if (call === undefined) return undefined;
    const argument = call.args.find((arg) => arg.kind === 'function');
    const callback = argument?.kind === 'function' ? file.functions[argument.fn] : undefined;
    return { kind: 'callback', file, call, ...(callback === undefined ? {} : { callback }) };
  }
  const place = statementAround(file, { start: loop.at.start, end: loop.at.start + 1 });
  return place?.statement.kind === 'loop' ? { kind: 'statement', file, loop: place.statement } : undefined;
}

/** Where the list stands that the loop runs over. */
export function listSpan(syntax: LoopSyntax): Span | undefined {
  if (syntax.kind === 'statement') {
    const { loop } = syntax;
    if (loop.iterable !== undefined) return loop.iterable;
    const bound = loop.test?.kind === 'binary' ? loop.test.right : loop.test;
    return bound?.kind === 'member' && bound.name === 'length' ? bound.object : undefined;
  }
  const { callee, args } = syntax.call;
  const first = args[0];
  if (first !== undefined && first.kind !== 'function' && args.length > 1 && args[1]?.kind === 'function') return first;
  return callee.kind === 'member' ? callee.object : undefined;
}

export function elementNames(syntax: LoopSyntax): string[] {
  const pattern = syntax.kind === 'statement' ? syntax.loop.pattern : syntax.callback?.parameters[0]?.pattern;
  return pattern === undefined ? [] : namesIn(pattern, syntax.file);
}

export function namesIn(pattern: Pattern, file: SourceFile): string[] {
  switch (pattern.kind) {
    case 'variable': {
      const name = file.variables[pattern.variable]?.name;
      return name === undefined ? [] : [name];
    }
    case 'object-pattern':
      return pattern.properties.flatMap((property) => namesIn(property.value, file));
    case 'array-pattern':
      return pattern.elements.flatMap((element) => (element === undefined ? [] : namesIn(element.value, file)));
    case 'expression-target':
      return [];
  }
}

/** What a reader calls the list: its text where that is short, else a name the engine knows. */
export function listLabel(loop: Loop, program: ProgramFacts): string {
  const syntax = loopSyntax(loop, program);
  const span = syntax === undefined ? undefined : listSpan(syntax);
  if (syntax !== undefined && span !== undefined) {
    const text = textOf(syntax.file, span).replaceAll(/\s+/g, ' ');
    if (text.length <= 40) return `'${text}'`;
  }
  const label = loop.over === undefined ? undefined : labelOf(loop.over);
  return label === undefined || label.length > 40 ? 'the list' : `'${label}'`;
}

// ---------------------------------------------------------------- short or rare by nature

const SHORT_LIST =
  /^(config|setting|option|language|locale|lang|translation|role|permission|privilege|column|plugin|provider|strateg|handler|feature|module|type|kind|status|state|env|environment|day|month|weekday|currenc|enum|level|format|extension|shard|replica|worker|table|index|indices|schema|migration|step|stage|service|param|parameter|key|attempt|tab|engine|logger|renderer|editor|driver|adapter|connector|integration)(s|es|y|ies)?$/i;

/** `availableLanguageCodes`, `relationCustomFields`: what the configuration names. */
const SHORT_ANYWHERE =
  /(language|locale|currency)_?(code|id|name|key)s?$|custom_?(field|attribute|propert(y|ie))s?$|^coupon_?codes?$/i;

/** Whether things of this name are few wherever they occur: `Language`, `Role`. */
export function isShortName(name: string): boolean {
  return SHORT_ANYWHERE.test(name) || SHORT_LIST.test(name.split(/(?=[A-Z])|_/).at(-1) ?? '');
}

/** What a list's elements are: `segment` of `segmentIdsToRemove`, `role` of `rolesBeingAdded`, `env` of `envNames`. */
export function nounOf(list: string): string {
  return list
    .replace(/(?<=[a-z])(To|Being|For|With|From|In|Of|By)[A-Z]\w*$/, '')
    .replace(/(?<=[a-z])_?(Ids?|IDs?|Names?|Keys?|Slugs?|Uids?)$/, '');
}

/** The name of the list that a loop runs over; undefined where it has none. */
export function listName(loop: Loop, program: ProgramFacts): string | undefined {
  const syntax = loopSyntax(loop, program);
  const span = syntax === undefined ? undefined : listSpan(syntax);
  if (syntax === undefined || span === undefined) return undefined;
  return nameOfList(textOf(syntax.file, span));
}

function nameOfList(text: string): string {
  const keys = /Object\.(keys|values|entries)\(([^()]*)\)$/.exec(text);
  const picked = /^_\.\w+\(\s*([\w$.]+)/.exec(text)?.[1];
  const list = (picked ?? text)
    .replace(/(\s*(\?\?|\|\|)\s*\[\s*\]\)?)+$/, '')
    .replace(/(\??\s*\.(entries|values|keys|filter|map|slice|sort|toSorted|reverse)\([^()]*\))+$/, '');
  return /([\w$]+)[^\w$]*$/.exec(keys?.[2] ?? list.replaceAll(/\([^()]*\)/g, ''))?.[1] ?? '';
}

/** Lists that are short wherever they occur: languages, settings, an object's own keys. */
export function isShortByNature(loop: Loop, program: ProgramFacts): boolean {
  const syntax = loopSyntax(loop, program);
  const span = syntax === undefined ? undefined : listSpan(syntax);
  if (syntax === undefined || span === undefined) return loop.form === 'for-in';
  const text = textOf(syntax.file, span);
  const keys = /Object\.(keys|values|entries)\(([^()]*)\)$/.exec(text);
  const name = nounOf(nameOfList(text));
  return isShortName(name) || (keys !== null && /config|settings|options|enum/i.test(text));
}

const START_UP =
  /^(constructor|onModuleInit|onApplicationBootstrap|onModuleDestroy|onApplicationShutdown|afterInit|bootstrap|main|init|initiali[sz]e|setup|start|boot|startup|(create|build|make)(App|Server|Application)|shutdown|seed|populate|migrate|backfill|install|uninstall|upgrade|up|down|prewarm|warmup)(?![a-z])|FromDisk$|^(load|discover|scan|register)[A-Z]\w*(Modules|Plugins|Extensions|Definitions)$/;

const TOOL =
  /^(imports?|importers?|importing|migrations?|migrate|migrator|backfill|seeds?|seeder|cutover|scripts?|reindex|reencode)$/i;

/** An import, a migration, a one-off script: rows are taken one by one so that each can fail alone. */
export function isImportOrTool({ fn }: FunctionFacts): boolean {
  const folders = fn.path.split('/').slice(-4);
  const names = [...folders, ...fn.qualifiedName.split('.')].map((name) => name.replace(/\.[cm]?[jt]sx?$/, ''));
  return names.some((name) => name.split(/(?=[A-Z])|[^A-Za-z0-9]+/).some((word) => TOOL.test(word)));
}

/** Runs when the process starts or stops, not once per request. */
export function isStartUp(fn: FunctionFacts, program: ProgramFacts): boolean {
  return startsUp(fn.fn, program, 0);
}

function startsUp(info: FunctionInfo, program: ProgramFacts, depth: number): boolean {
  if (info.node.kind === 'module' || info.node.kind === 'constructor' || isRunByModule(info, program)) return true;
  const names = info.qualifiedName.split('.').filter((name) => !name.startsWith('<'));
  if (START_UP.test(names.at(-1) ?? '')) return true;
  if (depth >= 2) return false;
  const callers = program.callersOf(info.key).flatMap((key) => program.info(key) ?? []);
  return (
    callers.length > 0 && callers.every((caller) => caller.key !== info.key && startsUp(caller, program, depth + 1))
  );
}

/** `(async () => { … })()` at the top of a file. */
function isRunByModule(info: FunctionInfo, program: ProgramFacts): boolean {
  if (program.parentOf(info)?.node.kind !== 'module') return false;
  return info.file.calls.some(
    ({ callee }) => callee.kind === 'function' && functionKey(info.path, callee.fn) === info.key,
  );
}

// ---------------------------------------------------------------- sure, cached

/** Known from types or a module, or not to be mistaken for anything else. */
export function isSurelyQuery(query: DatabaseOperation): boolean {
  return query.basis !== 'shape' || isUnmistakable(query);
}

/** SQL text, or a model delegate of something called prisma. */
function isUnmistakable(query: DatabaseOperation): boolean {
  return query.effect.sql !== undefined || (query.executor !== undefined && /prisma/i.test(keyOf(query.executor)));
}

/** `cache.get(key, () => query)`: a helper that runs the callback on a miss only. Around the loop it does not count. */
export function isCachedByHelper(query: Operation, program: ProgramFacts, loop?: Loop): boolean {
  const places = [...query.chain.map(({ at }) => at), query.at];
  if (places.some((place) => isHandedToCache(place, program, loop))) return true;
  return query.chain.some(({ at, name }, index) => {
    const caller = query.chain[index - 1];
    if (/(WithCache|FromCache|Cached)$/.test(name)) return true;
    if (!/^(get|getOrSet|getOrCreate|getOrLoad|fetch|remember|wrap|memoize|cached?)$/i.test(name)) return false;
    const text = program.file(at.path)?.text.slice(Math.max(0, at.start - 40), at.start) ?? '';
    return /(cache|memo)\w*\s*\.\s*$/i.test(text) || /cache/i.test(caller?.name ?? '');
  });
}

function isHandedToCache(place: Location, program: ProgramFacts, loop: Loop | undefined): boolean {
  const around = program.enclosing(place);
  if (around === undefined || isUnit(around.node)) return false;
  const { start, end } = around.node;
  if (loop?.at.path === place.path && start <= loop.at.start && loop.at.end <= end) return false;
  const before = around.file.text.slice(Math.max(0, start - 300), start);
  return /cache\w*\s*\.\s*(get|getOrSet|getOrCreate|fetch|remember|wrap)\s*(<[^;]*>)?\([^;{}]*$/i.test(
    stripHoles(before),
  );
}

/** Without the `${…}` of templates, whose braces would end the search. */
function stripHoles(text: string): string {
  return text.replaceAll(/\$\{[^{}]*\}/g, '');
}
