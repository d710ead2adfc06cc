/** A collection that lives as long as the process takes an entry for every request, and nothing takes one out. */
import { labelOf, resourceKey } from '../../../analysis/trace.ts';
import type { FunctionFacts, MemoryEffect, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { keyOf, type PlaceValue, rootsOf, type Value, walkValue } from '../../../analysis/value.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import type { Expression, Variable } from '../../../typescript/syntax.ts';
import { fixUnboundedCache } from './fix.ts';

export interface UnboundedCacheEvidence {
  readonly add: Operation;
  readonly target: PlaceValue;
  /** The declaration of the collection. */
  readonly variable: Variable;
  readonly path: string;
  readonly confidence: Confidence;
}

export const unboundedCache = defineRule<UnboundedCacheEvidence>({
  id: 'memory-leak/unbounded-cache',
  summary: 'A long-lived collection only grows.',
  severity: 'warning',
  status: 'stable',
  cwe: [401, 770],
  detect: (fn, { program }) => detect(fn, program),
  report: ({ add, variable, path, confidence }) => ({
    at: add.at,
    message: `'${variable.name}' lives as long as the process and gets an entry at '${add.name}' for every new key, but nothing removes one.`,
    related: [{ at: { path, ...span(variable.at) }, message: `'${variable.name}' is created here.` }],
    confidence,
    resource: `collection ${resourceKey({ kind: 'place', root: { kind: 'module', path, name: variable.name }, path: [] })}`,
  }),
  fixes: fixUnboundedCache,
});

function span(at: { start: number; end: number }): { start: number; end: number } {
  return { start: at.start, end: at.end };
}

function detect(fn: FunctionFacts, program: ProgramFacts): readonly UnboundedCacheEvidence[] {
  if (fn.fn.node.kind === 'module') return [];
  const found: UnboundedCacheEvidence[] = [];
  const seen = new Set<string>();
  for (const add of fn.operations) {
    const { effect } = add;
    if (effect.kind !== 'memory' || effect.action !== 'add' || add.chain.length > 0) continue;
    const { target } = effect;
    if (target.kind !== 'place' || target.root.kind !== 'module' || target.path.length > 0 || seen.has(keyOf(target))) continue;
    const { path, name } = target.root;
    const variable = program.file(path)?.variables.find((candidate) => candidate.fn === 0 && candidate.name === name);
    if (variable === undefined || !isCollection(variable.initializer)) continue;
    const confidence = confidenceOf(fn, effect);
    if (confidence === undefined || shrinks(target, program)) continue;
    seen.add(keyOf(target));
    found.push({ add, target, variable, path, confidence });
  }
  return found;
}

function isCollection(init: Expression | undefined): boolean {
  if (init === undefined) return false;
  if (init.kind === 'call') return init.isNew && init.callee.kind === 'identifier' && /^(Map|Set|Array)$/.test(init.callee.name) && init.args.length === 0;
  return (init.kind === 'object' && init.properties.length === 0) || (init.kind === 'array' && init.elements.length === 0);
}

/** Any way an entry can leave, anywhere in the program: deleted, cleared, counted, the collection replaced or handed out. */
function shrinks(target: PlaceValue, program: ProgramFacts): boolean {
  const key = keyOf(target);
  for (const operation of program.ownOperations('memory')) {
    const effect = operation.effect as MemoryEffect;
    if (effect.target.kind !== 'place') continue;
    if (['delete', 'clear', 'size'].includes(effect.action) && keyOf(effect.target) === key) return true;
    if (effect.action === 'write' && keyOf(effect.target).startsWith(key)) return true;
  }
  return false;
}

const UNBOUNDED_KEY = /(id|ids|key|url|uri|token|user|session|ip|email|query|hash|path|filename|name|text|input|address|slug|cursor)$/i;
const BOUNDED_KEY = /(type|kind|locale|lang|language|model|table|column|class|ctor|constructor|target|metadata|schema|plugin|provider|strategy|role|level|extension|ext|mime|format|currency|country|region|version|env|theme|icon|event|method|command|operator)$/i;

/** Undefined when the keys are a finite set, or the function registers things. */
function confidenceOf(fn: FunctionFacts, effect: MemoryEffect): Confidence | undefined {
  const key = effect.key ?? effect.value;
  if (key === undefined || !comesFromOutside(key)) return undefined;
  const label = labelOf(key) ?? '';
  const name = fn.fn.node.name;
  if (/^(register|add|define|declare|install|use|extend|provide|set|enable|mock)/i.test(name) || /regist(er|ry)|definition|handlers?$/i.test(placeName(effect.target))) return undefined;
  if (BOUNDED_KEY.test(label.split('.').at(-1) ?? '')) return undefined;
  const concurrent = fn.entries.some((entry) => entry.kind !== 'exported');
  if (UNBOUNDED_KEY.test(label)) return concurrent ? 'high' : 'medium';
  return concurrent ? 'medium' : 'low';
}

function placeName(target: Value): string {
  return target.kind === 'place' && 'name' in target.root ? target.root.name : '';
}

/** The key depends on what the function was given. */
function comesFromOutside(key: Value): boolean {
  if (rootsOf(key).some((root) => root.kind === 'parameter' || root.kind === 'captured')) return true;
  let stored = false;
  walkValue(key, (part) => {
    if (part.kind === 'result') stored = true;
  });
  return stored;
}
