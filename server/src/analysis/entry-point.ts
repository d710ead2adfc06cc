/**
 * Signals of concurrency: functions that the outside world may run twice at once, and everything they reach. A handler
 * is known by its decorator, by what it is registered with, by the property it is given under, by the class it is a
 * method of, or by the file it is exported from. Errs towards "entry": what sounds like a handler is one.
 */

import type { CallExpression, Expression, ObjectExpression, SourceFile } from '../typescript/syntax.ts';
import { type CallGraph, unitOf } from './call-graph.ts';
import type { EntryPoint, FunctionInfo } from './fact.ts';
import { functionKey, type Hierarchy } from './hierarchy.ts';
import { isUnit } from './interpreter.ts';
import { type FileResolution, MAX_TARGETS } from './resolution.ts';
import type { FunctionKey } from './value.ts';

type Kind = EntryPoint['kind'];
type Kinds = Readonly<Record<string, Kind>>;

function kinds(names: Readonly<Partial<Record<Kind, string>>>): Kinds {
  return Object.fromEntries(
    Object.entries(names).flatMap(([kind, list]) => list.split(' ').map((name) => [name, kind as Kind])),
  );
}

const DECORATORS = kinds({
  http: 'Get Post Put Patch Delete Head Options All Sse Route',
  graphql: 'Query Mutation Subscription ResolveField FieldResolver ResolveProperty ResolveReference',
  rpc: 'MessagePattern EventPattern GrpcMethod GrpcStreamMethod SubscribeMessage RabbitRPC TsRestHandler',
  queue: 'Process Processor OnQueueEvent RabbitSubscribe SqsMessageHandler OnWorkerEvent KafkaListener Consumer',
  cron: 'Cron CronExpression Scheduled',
  interval: 'Interval Timeout',
  // Hooks of an ORM run whenever somebody writes.
  listener:
    'OnEvent BeforeCreate AfterCreate BeforeUpdate AfterUpdate BeforeSave AfterSave BeforeDestroy AfterDestroy BeforeUpsert AfterUpsert BeforeInsert AfterInsert BeforeRemove AfterRemove',
});

/** Calls that are given handlers. */
const REGISTRATIONS = kinds({
  http: 'get post put patch delete del all use route head options onRequest onCall defineEventHandler eventHandler defineCachedEventHandler createServer register',
  graphql: 'query mutation subscription resolver',
  // `new Worker(name, fn)`, `channel.consume(queue, fn)`, `boss.work(name, fn)`, `inngest.createFunction(…, fn)`.
  queue: 'process Worker consume work createFunction define onMessagePublished',
  listener: 'on addListener addEventListener subscribe onDocumentCreated onDocumentWritten registerTool',
  interval: 'setInterval',
  cron: 'schedule scheduleJob CronJob onSchedule',
  // next-safe-action and tRPC-like builders, server functions.
  rpc: 'action serverAction createServerFn',
});

/** Calls whose object is a table of handlers: `s.router(contract, { create: async () => … })`. */
const TABLES = kinds({ http: 'router createRouter implement', graphql: 'makeExecutableSchema createSchema' });

/** Properties of an object given to a call, or exported, that hold a handler. */
const PROPERTIES = kinds({
  http: 'handler handle onRequest preHandler',
  graphql: 'resolve subscribe',
  queue: 'process processor perform eachMessage eachBatch handleMessage consume run',
  cron: 'execute onTick',
});

/** Methods that a framework calls, by what the class extends or implements. */
const METHODS: readonly { readonly bases: RegExp; readonly methods: RegExp; readonly kind: Kind }[] = [
  { bases: /^NestInterceptor$/, methods: /^intercept$/, kind: 'http' },
  { bases: /^CanActivate$|Guard$/, methods: /^canActivate$/, kind: 'http' },
  { bases: /^NestMiddleware$/, methods: /^use$/, kind: 'http' },
  { bases: /^(PipeTransform|ExceptionFilter)$/, methods: /^(transform|catch)$/, kind: 'http' },
  { bases: /^PassportStrategy$|Strategy$/, methods: /^(validate|authenticate|verify)$/, kind: 'http' },
  { bases: /^(ICommandHandler|IQueryHandler|IEventHandler)$/, methods: /^(execute|handle)$/, kind: 'rpc' },
  {
    bases: /(Task|Processor|Job|Worker|WorkerHost|Consumer|Subscriber|Listener|EventHandler|Cron)$/,
    methods: /^(perform|process|handle|run|execute|consume|onMessage|handleMessage|work|on[A-Z]\w*)$/,
    kind: 'queue',
  },
];

const CLASS_DECORATORS: readonly { readonly name: RegExp; readonly methods: RegExp; readonly kind: Kind }[] = [
  { name: /^(CommandHandler|QueryHandler)$/, methods: /^execute$/, kind: 'rpc' },
  { name: /^EventsHandler$/, methods: /^handle$/, kind: 'listener' },
  { name: /^Processor$/, methods: /^process$/, kind: 'queue' },
];

/** Next.js: route modules below `app` export verbs, modules below `pages/api` a default; Remix, SvelteKit, Nuxt alike. */
const ROUTE_FILE =
  /(^|\/)(app\/(.*\/)?(route|page|layout|default)|pages\/api\/.*|server\/(api|routes)\/.*|routes\/.*\+(server|page\.server|layout\.server)|functions\/.*)\.[cm]?[jt]sx?$/;
/** Exports that a platform calls: Lambda, Next.js, Remix, Cloudflare. */
const PLATFORM_EXPORT = /^(handler|lambdaHandler|getServerSideProps|middleware|loader|action|fetch|scheduled|queue)$/;

export function findEntryPoints(
  files: readonly SourceFile[],
  hierarchy: Hierarchy,
  graph: CallGraph,
  resolutions: ReadonlyMap<string, FileResolution>,
): Map<FunctionKey, EntryPoint[]> {
  const entries = new Map<FunctionKey, EntryPoint[]>();
  const add = (key: FunctionKey, entry: EntryPoint): void => {
    const list = entries.get(key);
    if (list === undefined) entries.set(key, [entry]);
    else if (!list.some((known) => known.kind === entry.kind)) list.push(entry);
  };
  for (const info of hierarchy.functions.values()) {
    const kind = ownKind(info, hierarchy);
    if (kind !== undefined) add(info.key, { kind, name: info.qualifiedName });
  }
  for (const file of files) addRegistered(file, hierarchy, resolutions.get(file.path), add);
  reach(entries, hierarchy, graph, resolutions, add);
  return entries;
}

// ---------------------------------------------------------------- what a function is by itself

function ownKind(info: FunctionInfo, hierarchy: Hierarchy): Kind | undefined {
  const { node } = info;
  for (const decorator of node.decorators) {
    const kind = DECORATORS[decorator.name];
    if (kind !== undefined) return kind;
  }
  const owner = info.class === undefined ? undefined : hierarchy.classes.get(info.class);
  if (owner !== undefined && !node.static && !node.private) {
    for (const { name, methods, kind } of CLASS_DECORATORS)
      if (methods.test(node.name) && owner.node.decorators.some((decorator) => name.test(decorator.name))) return kind;
    if (METHODS.some(({ methods }) => methods.test(node.name))) {
      const bases = [...owner.node.heritage.map((clause) => clause.name), ...hierarchy.ancestorsOf(owner.key)];
      const found = METHODS.find(
        ({ bases: wanted, methods }) => methods.test(node.name) && bases.some((base) => wanted.test(base)),
      );
      if (found !== undefined) return found.kind;
    }
  }
  if (!isExported(info)) return undefined;
  if (owner === undefined && (ROUTE_FILE.test(info.path) || isServerAction(info))) return webhookOr('http', info);
  return owner === undefined && PLATFORM_EXPORT.test(node.name) ? webhookOr('http', info) : 'exported';
}

/** `'use server'` at the head of the file. */
function isServerAction({ file, node }: FunctionInfo): boolean {
  return node.async && /^(\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*(['"])use server\2/.test(file.text.slice(0, 400));
}

function webhookOr(kind: Kind, { path, qualifiedName }: { path: string; qualifiedName: string }): Kind {
  return /webhook/i.test(qualifiedName) || /webhooks?[/.]/i.test(path) ? 'webhook' : kind;
}

function isExported(info: FunctionInfo): boolean {
  if (!isUnit(info.node) || info.node.kind === 'module' || info.node.kind === 'constructor') return false;
  if (info.class !== undefined) return !info.node.private;
  return info.node.exported;
}

// ---------------------------------------------------------------- what it is registered as

type Add = (key: FunctionKey, entry: EntryPoint) => void;

function addRegistered(file: SourceFile, hierarchy: Hierarchy, resolution: FileResolution | undefined, add: Add): void {
  const give = (value: Expression, kind: Kind, name: string, at: number): void => {
    // `router.post(path, auth(), …)`: what a function makes stands inside it.
    const makers = value.kind === 'call' && kind === 'http' ? (resolution?.targets[value.call]?.functions ?? []) : [];
    for (const key of [...functionsOf(value, file, hierarchy, at), ...(makers.length > 2 ? [] : makers)])
      add(key, { kind: webhookOr(kind, { path: file.path, qualifiedName: name }), name });
  };
  for (const call of file.calls) {
    const name = nameOf(call);
    const kind = name === undefined || !Object.hasOwn(REGISTRATIONS, name) ? undefined : REGISTRATIONS[name];
    const table = name === undefined || !Object.hasOwn(TABLES, name) ? undefined : TABLES[name];
    for (const arg of call.args) {
      if (kind !== undefined && name !== undefined) give(arg, kind, name, call.start);
      if (arg.kind === 'object') giveProperties(arg, table, give, call.start);
    }
  }
  for (const { fn, initializer, name } of file.variables) {
    if (fn !== 0 || initializer?.kind !== 'object') continue;
    if (isResolverMap(initializer)) giveResolvers(initializer, give);
    else if (file.exports.some((exported) => exported.name === name))
      giveProperties(initializer, undefined, give, initializer.start);
  }
}

type Give = (value: Expression, kind: Kind, name: string, at: number) => void;

/** `{ handler: async () => … }`, and every property of a table of handlers. */
function giveProperties(object: ObjectExpression, table: Kind | undefined, give: Give, at: number): void {
  for (const property of object.properties) {
    if (property.kind !== 'property' || property.key === undefined) continue;
    const own = Object.hasOwn(PROPERTIES, property.key) ? PROPERTIES[property.key] : undefined;
    const kind = own ?? table;
    if (kind !== undefined) give(property.value, kind, property.key, at);
    if (table !== undefined && property.value.kind === 'object') giveProperties(property.value, table, give, at);
  }
}

/** `{ Query: { users: … }, Mutation: { … } }` */
function isResolverMap(object: ObjectExpression): boolean {
  return object.properties.some(
    (property) => property.kind === 'property' && /^(Query|Mutation|Subscription)$/.test(property.key ?? ''),
  );
}

function giveResolvers(object: ObjectExpression, give: Give): void {
  for (const type of object.properties) {
    if (type.kind !== 'property' || type.value.kind !== 'object') continue;
    for (const field of type.value.properties)
      if (field.kind === 'property') give(field.value, 'graphql', field.key ?? '', object.start);
  }
}

function nameOf({ callee }: CallExpression): string | undefined {
  return callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : undefined;
}

/** The function itself, one that it names, `this.create`, or what a wrapper is given: `asyncHandler(async (req, res) => …)`. */
function functionsOf(
  value: Expression,
  file: SourceFile,
  hierarchy: Hierarchy,
  at: number,
  depth = 0,
): readonly FunctionKey[] {
  switch (value.kind) {
    case 'function':
      return [functionKey(file.path, value.fn)];
    case 'identifier': {
      const named = value.variable === undefined ? undefined : file.variables[value.variable]?.names;
      return named === undefined ? [] : [functionKey(file.path, named)];
    }
    case 'member': {
      // `lastSeenService.store`: told by its name where only one method has it.
      if (value.object.kind !== 'this') return hierarchy.onlyMethod(value.name);
      const owner = file.classes.findLast((node) => node.start <= at && at <= node.end);
      const method = owner === undefined ? undefined : hierarchy.methodOf(`${file.path}#${owner.name}`, value.name);
      return method === undefined ? [] : [method];
    }
    case 'call':
      // `this.create.bind(this)`
      if (value.callee.kind === 'member' && value.callee.name === 'bind')
        return functionsOf(value.callee.object, file, hierarchy, at, depth + 1);
      return depth > 3 ? [] : value.args.flatMap((inner) => functionsOf(inner, file, hierarchy, at, depth + 1));
    case 'array':
      return depth > 1 ? [] : value.elements.flatMap((inner) => functionsOf(inner, file, hierarchy, at, depth + 1));
    default:
      return [];
  }
}

// ---------------------------------------------------------------- what they reach

/** What an entry reaches is reached concurrently too; exported alone says less and is not handed on. */
function reach(
  entries: ReadonlyMap<FunctionKey, EntryPoint[]>,
  hierarchy: Hierarchy,
  graph: CallGraph,
  resolutions: ReadonlyMap<string, FileResolution>,
  add: Add,
): void {
  const queue = [...entries].filter(([, list]) => list.some(({ kind }) => kind !== 'exported')).map(([key]) => key);
  const seen = new Set(queue);
  const closures = closuresByUnit(hierarchy);
  // Grows while it is walked.
  for (const key of queue) {
    const from = (entries.get(key) ?? []).filter(({ kind }) => kind !== 'exported');
    const callees = graph.callees.get(key) ?? calledIn(hierarchy.functions.get(key), hierarchy, resolutions);
    for (const callee of callees) {
      for (const entry of from) add(callee, entry);
      if (seen.has(callee)) continue;
      seen.add(callee);
      queue.push(callee);
    }
    // What stands inside is run for it, or because of it.
    for (const closure of closures.get(key) ?? []) for (const entry of from) add(closure, entry);
  }
}

function closuresByUnit(hierarchy: Hierarchy): ReadonlyMap<FunctionKey, readonly FunctionKey[]> {
  const found = new Map<FunctionKey, FunctionKey[]>();
  for (const info of hierarchy.functions.values()) {
    // Not of a module: what it registers runs for reasons of its own.
    if (isUnit(info.node)) continue;
    const unit = functionKey(info.path, unitOf(info.file, info.node).index);
    const list = found.get(unit);
    if (list === undefined) found.set(unit, [info.key]);
    else list.push(info.key);
  }
  return found;
}

/** The functions that a closure calls: it has no place of its own in the graph. */
function calledIn(
  info: FunctionInfo | undefined,
  hierarchy: Hierarchy,
  resolutions: ReadonlyMap<string, FileResolution>,
): FunctionKey[] {
  if (info === undefined || isUnit(info.node)) return [];
  const { file, node } = info;
  const targets = resolutions.get(file.path)?.targets ?? [];
  return file.calls.flatMap(({ start, end }, index) => {
    if (start < node.start || end > node.end) return [];
    const functions = targets[index]?.functions ?? [];
    if (functions.length > MAX_TARGETS) return [];
    return functions.flatMap((key) => {
      const target = hierarchy.functions.get(key);
      return target === undefined ? [] : [functionKey(target.path, unitOf(target.file, target.node).index)];
    });
  });
}
