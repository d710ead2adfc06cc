/**
 * One `concurrency-checklist.json`: reads its text (JSON with comments and trailing commas) into plain data, or says
 * what is wrong and where. It does not know which files the configuration applies to.
 */
import { dirname } from 'node:path';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { FileRole } from '../analysis/program.ts';
import type { ModelFile } from '../models/model.ts';
import { CONFIDENCES, type Confidence, SEVERITIES, type Severity } from '../rule.ts';
import { createLineIndex } from './line-index.ts';
import { ConfigurationError } from './service.ts';

export const CONFIGURATION_NAME = 'concurrency-checklist.json';

export type RuleSetting = 'off' | Severity;

const FILE_ROLES: readonly FileRole[] = ['source', 'test', 'script', 'migration', 'generated', 'configuration'];
const RULE_SETTINGS: readonly RuleSetting[] = ['off', ...SEVERITIES];

/** What a file says at its top level and in each of its overrides. */
export interface Settings {
  readonly rules: ReadonlyMap<string, RuleSetting>;
  readonly minConfidence: Confidence | undefined;
  /** Roles of files that are checked; `source` alone when nobody says. */
  readonly roles: readonly FileRole[] | undefined;
}

export interface ConfigurationFile extends Settings {
  readonly path: string;
  /** Globs are relative to it; `/` at its end. */
  readonly folder: string;
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
  readonly overrides: readonly (Settings & { readonly files: readonly string[] })[];
  readonly models: readonly ModelFile[];
}

const SETTINGS_KEYS = ['rules', 'minConfidence', 'roles'];
const TOP_KEYS = ['$schema', ...SETTINGS_KEYS, 'include', 'exclude', 'overrides', 'models'];

/** Throws `ConfigurationError` with file and position. */
export function parseConfiguration(path: string, text: string, isRule: (id: string) => boolean): ConfigurationFile {
  const reader = new Reader(path, text, isRule);
  const root = reader.parse();
  reader.expectKeys(root, TOP_KEYS);
  return {
    path,
    folder: `${dirname(path).replaceAll('\\', '/').replace(/\/$/, '')}/`,
    ...reader.settings(root),
    include: reader.strings(root, 'include'),
    exclude: reader.strings(root, 'exclude') ?? [],
    overrides: reader.list(root, 'overrides').map((node) => {
      reader.expectKeys(node, ['files', ...SETTINGS_KEYS]);
      const files = reader.strings(node, 'files');
      if (files === undefined) return reader.fail(node, `an override needs 'files', a list of globs`);
      return { files, ...reader.settings(node) };
    }),
    models: reader.list(root, 'models').map((node) => reader.model(node)),
  };
}

class Reader {
  private readonly path: string;
  private readonly text: string;
  private readonly isRule: (id: string) => boolean;

  constructor(path: string, text: string, isRule: (id: string) => boolean) {
    this.path = path;
    this.text = text;
    this.isRule = isRule;
  }

  parse(): Node {
    const errors: ParseError[] = [];
    const root = parseTree(this.text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first !== undefined) return this.failAt(first.offset, describe(printParseErrorCode(first.error)));
    if (root === undefined) return this.failAt(0, 'an object is expected');
    return root;
  }

  expectKeys(node: Node, allowed: readonly string[]): void {
    if (node.type !== 'object') this.fail(node, 'an object is expected');
    for (const property of node.children ?? []) {
      const key = property.children?.[0];
      const name: unknown = key?.value;
      if (typeof name === 'string' && !allowed.includes(name)) {
        this.fail(property, `'${name}' is not a setting; known here: ${allowed.join(', ')}`);
      }
    }
  }

  settings(node: Node): Settings {
    const roles = this.strings(node, 'roles', FILE_ROLES);
    const confidence = findNodeAtLocation(node, ['minConfidence']);
    return {
      rules: this.rules(node),
      minConfidence: confidence === undefined ? undefined : this.oneOf(confidence, CONFIDENCES),
      roles: roles === undefined ? undefined : FILE_ROLES.filter((role) => roles.includes(role)),
    };
  }

  strings(parent: Node, name: string, allowed?: readonly string[]): string[] | undefined {
    if (findNodeAtLocation(parent, [name]) === undefined) return undefined;
    return this.list(parent, name).map((node) => {
      if (allowed !== undefined) return this.oneOf(node, allowed);
      const value: unknown = node.value;
      return typeof value === 'string' && value !== '' ? value : this.fail(node, `'${name}' holds strings`);
    });
  }

  list(parent: Node, name: string): Node[] {
    const node = findNodeAtLocation(parent, [name]);
    if (node === undefined) return [];
    return node.type === 'array' ? (node.children ?? []) : this.fail(node, `'${name}' must be a list`);
  }

  /** The shape of a model is checked as far as the engine relies on it; what the paths say is checked at their use. */
  model(node: Node): ModelFile {
    this.expectKeys(node, ['package', 'aliases', 'source', 'calls']);
    const name: unknown = findNodeAtLocation(node, ['package'])?.value;
    if (typeof name !== 'string') return this.fail(node, `a model needs 'package', the npm name`);
    const calls = findNodeAtLocation(node, ['calls']);
    if (calls?.type !== 'object') return this.fail(calls ?? node, `a model needs 'calls', an object`);
    const entries: [string, object][] = [];
    for (const property of calls.children ?? []) {
      const [key, value] = property.children ?? [];
      if (value?.type !== 'object') return this.fail(property, 'what a call does is an object');
      entries.push([String(key?.value), plain(value) as object]);
    }
    const source: unknown = findNodeAtLocation(node, ['source'])?.value;
    return {
      package: name,
      aliases: this.strings(node, 'aliases') ?? [],
      source: typeof source === 'string' ? source : this.path,
      calls: Object.fromEntries(entries),
    };
  }

  fail(node: Node, message: string): never {
    return this.failAt(node.offset, message);
  }

  private rules(parent: Node): Map<string, RuleSetting> {
    const node = findNodeAtLocation(parent, ['rules']);
    const rules = new Map<string, RuleSetting>();
    if (node === undefined) return rules;
    if (node.type !== 'object') return this.fail(node, `'rules' must be an object from rule to "off" or a severity`);
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      const id = String(key?.value);
      if (!this.isRule(id)) this.fail(property, `'${id}' is not a rule`);
      if (value !== undefined) rules.set(id, this.oneOf(value, RULE_SETTINGS));
    }
    return rules;
  }

  private oneOf<T extends string>(node: Node, allowed: readonly T[]): T {
    const found = allowed.find((candidate) => candidate === node.value);
    return found ?? this.fail(node, `expected one of ${allowed.map((one) => `"${one}"`).join(', ')}`);
  }

  private failAt(offset: number, message: string): never {
    const { line, column } = createLineIndex(this.text).position(offset);
    throw new ConfigurationError(`${this.path}:${line}:${column}: ${message}.`);
  }
}

function plain(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(plain);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(
    (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
      value === undefined ? [] : [[String(key?.value), plain(value)]],
    ),
  );
}

/** `PropertyNameExpected` → `property name expected`. */
function describe(code: string): string {
  return `not valid JSON: ${code.replaceAll(/(?<!^)([A-Z])/g, ' $1').toLowerCase()}`;
}
