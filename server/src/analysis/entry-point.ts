/**
 * Signals of concurrency: functions that the outside world may run twice at once, and everything they reach.
 */

import type { CallExpression, Expression, SourceFile } from '../typescript/syntax.ts';
import type { CallGraph } from './call-graph.ts';
import type { EntryPoint, FunctionInfo } from './fact.ts';
import { functionKey, type Hierarchy } from './hierarchy.ts';
import { isUnit } from './interpreter.ts';
import type { FunctionKey } from './value.ts';

const DECORATORS: Readonly<Record<string, EntryPoint['kind']>> = {
  Get: 'http',
  Post: 'http',
  Put: 'http',
  Patch: 'http',
  Delete: 'http',
  All: 'http',
  Sse: 'http',
  Query: 'graphql',
  Mutation: 'graphql',
  Subscription: 'graphql',
  ResolveField: 'graphql',
  FieldResolver: 'graphql',
  ResolveProperty: 'graphql',
  MessagePattern: 'rpc',
  EventPattern: 'rpc',
  GrpcMethod: 'rpc',
  SubscribeMessage: 'rpc',
  Process: 'queue',
  Processor: 'queue',
  OnQueueEvent: 'queue',
  Cron: 'cron',
  Interval: 'interval',
  Timeout: 'interval',
  OnEvent: 'listener',
};

const REGISTRATIONS: Readonly<Record<string, EntryPoint['kind']>> = {
  get: 'http',
  post: 'http',
  put: 'http',
  patch: 'http',
  delete: 'http',
  del: 'http',
  all: 'http',
  use: 'http',
  route: 'http',
  query: 'graphql',
  mutation: 'graphql',
  process: 'queue',
  on: 'listener',
  addListener: 'listener',
  addEventListener: 'listener',
  subscribe: 'listener',
  setInterval: 'interval',
  schedule: 'cron',
};

/** Next.js: route modules below `app` export verbs, modules below `pages/api` a default. */
const ROUTE_FILE = /(^|\/)(app\/.*\/route|pages\/api\/.*)\.[cm]?[jt]sx?$/;

export function findEntryPoints(
  files: readonly SourceFile[],
  hierarchy: Hierarchy,
  graph: CallGraph,
): Map<FunctionKey, EntryPoint[]> {
  const entries = new Map<FunctionKey, EntryPoint[]>();
  const add = (key: FunctionKey, entry: EntryPoint): void => {
    const list = entries.get(key);
    if (list === undefined) entries.set(key, [entry]);
    else if (!list.some((known) => known.kind === entry.kind)) list.push(entry);
  };
  for (const info of hierarchy.functions.values()) {
    for (const decorator of info.node.decorators) {
      const kind = DECORATORS[decorator.name];
      if (kind !== undefined) add(info.key, { kind, name: info.qualifiedName });
    }
    if (isExported(info))
      add(info.key, { kind: ROUTE_FILE.test(info.path) ? 'http' : 'exported', name: info.qualifiedName });
  }
  for (const file of files) for (const call of file.calls) registered(file, call, add);
  // What an entry reaches is reached concurrently too; exported alone says less and is not handed on.
  const queue = [...entries].filter(([, list]) => list.some((entry) => entry.kind !== 'exported')).map(([key]) => key);
  const seen = new Set(queue);
  for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
    const from = (entries.get(key) ?? []).filter((entry) => entry.kind !== 'exported');
    for (const callee of graph.callees.get(key) ?? []) {
      for (const entry of from) add(callee, entry);
      if (!seen.has(callee)) {
        seen.add(callee);
        queue.push(callee);
      }
    }
  }
  return entries;
}

function isExported(info: FunctionInfo): boolean {
  if (!isUnit(info.node) || info.node.kind === 'module' || info.node.kind === 'constructor') return false;
  if (info.class !== undefined) return !info.node.private;
  return info.node.exported;
}

function registered(file: SourceFile, call: CallExpression, add: (key: FunctionKey, entry: EntryPoint) => void): void {
  const name =
    call.callee.kind === 'member' ? call.callee.name : call.callee.kind === 'identifier' ? call.callee.name : undefined;
  const kind = name === undefined || !Object.hasOwn(REGISTRATIONS, name) ? undefined : REGISTRATIONS[name];
  if (kind === undefined || name === undefined) return;
  for (const arg of call.args) {
    const fn = functionOf(arg, file);
    if (fn !== undefined) add(functionKey(file.path, fn), { kind, name });
  }
}

function functionOf(arg: Expression, file: SourceFile): number | undefined {
  if (arg.kind === 'function') return arg.fn;
  if (arg.kind === 'identifier' && arg.variable !== undefined) return file.variables[arg.variable]?.names;
  // `asyncHandler(async (req, res) => …)`
  if (arg.kind === 'call') for (const inner of arg.args) if (inner.kind === 'function') return inner.fn;
  return undefined;
}
