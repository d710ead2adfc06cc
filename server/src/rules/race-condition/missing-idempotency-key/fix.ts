/** Gives the call a key made of what it is about, so that each repetition has the same one. */
import { addProperty } from '../../../rewrite/object-edit.ts';
import { callAt, functionAround, insert, textOf } from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile } from '../../../typescript/syntax.ts';
import type { MissingKey } from './rule.ts';

export function addKey({ call: operation, repetition }: MissingKey, { program }: RuleContext): readonly Fix[] {
  const file = program.file(operation.at.path);
  const key = operation.effect.idempotencyKey;
  const call = file === undefined ? undefined : callAt(file, operation.at);
  if (file === undefined || key === undefined || call === undefined || operation.chain.length > 0) return [];
  const identity = identityFor(file, call, repetition.by);
  if (identity === undefined) return [];
  const option = `${key.option}: \`${prefixOf(call)}-\${${identity}}\``;
  const edits = withOption(file, call, key.argument, option);
  return edits === undefined
    ? []
    : [
        {
          id: 'add-idempotency-key',
          title: `Give the call an idempotency key made of ${identity}`,
          applicability: 'changes-behaviour',
          difference:
            'A second call with the same key gives the result of the first, also where a second one was meant.',
          edits,
        },
      ];
}

function withOption(file: SourceFile, call: CallExpression, position: number, option: string): Edit[] | undefined {
  if (call.args.some(({ kind }) => kind === 'spread-expression')) return undefined;
  const given = call.args[position];
  if (given === undefined) {
    const last = call.args.at(-1);
    if (call.args.length !== position || last === undefined) return undefined;
    return [insert(file, last.end, `, { ${option} }`)];
  }
  // `send(new RunTaskCommand({ … }))`: the command's input.
  const holder = given.kind === 'call' && given.isNew ? given.args[0] : given;
  return holder?.kind === 'object' ? [addProperty(file, holder, option)] : undefined;
}

/** What the call is for: `payment-intent` of `stripe.paymentIntents.create`. */
function prefixOf({ callee, args }: CallExpression): string {
  const [first] = args;
  if (first?.kind === 'call' && first.isNew && first.callee.kind === 'identifier')
    return dashed(first.callee.name.replace(/Command$/, ''));
  if (callee.kind !== 'member') return 'request';
  const owner = callee.object.kind === 'member' || callee.object.kind === 'identifier' ? callee.object.name : '';
  const isPlainVerb = /^(create|pay|capture|confirm|refund|sale|send)$/.test(callee.name);
  const noun = dashed(owner.replace(/s$/, ''));
  return isPlainVerb && noun !== ''
    ? callee.name === 'create'
      ? noun
      : `${noun}-${callee.name}`
    : dashed(callee.name);
}

function dashed(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

// ---------------------------------------------------------------- identity

/** What is paid or ordered, not who pays. */
const SUBJECT =
  /^(order|invoice|booking|payment|subscription|cart|checkout|purchase|refund|payout|transfer|reservation|charge|request|ticket|shipment|task|run|withdrawal|deposit|transaction|topup|donation|bill)/i;

/** Deliveries carry an identity of their own. */
const DELIVERY = /^(job|message|msg|event|delivery|task)$/;

function identityFor(file: SourceFile, call: CallExpression, by: MissingKey['repetition']['by']): string | undefined {
  const [sent] = call.args.filter((arg) => arg.kind === 'object' || arg.kind === 'call');
  return (
    (sent === undefined ? undefined : subjectIn(file, sent)) ??
    subjectOfParameters(file, call) ??
    (by === 'queue' || by === 'webhook' ? deliveryIn(file, call) : undefined)
  );
}

/** `order.id`, `job.data.orderId` among what is sent. */
function subjectIn(file: SourceFile, expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'object':
      for (const property of expression.properties) {
        const found = subjectIn(file, property.value);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'call':
      return expression.args.map((arg) => subjectIn(file, arg)).find((found) => found !== undefined);
    case 'template':
      return expression.holes.map((hole) => subjectIn(file, hole)).find((found) => found !== undefined);
    case 'identifier':
      return isSubjectId(expression.name) ? expression.name : undefined;
    case 'member': {
      const owner =
        expression.object.kind === 'identifier' || expression.object.kind === 'member' ? expression.object.name : '';
      const isId = expression.name === 'id' && SUBJECT.test(owner);
      return isId || isSubjectId(expression.name) ? textOf(file, expression) : undefined;
    }
    default:
      return undefined;
  }
}

function isSubjectId(name: string): boolean {
  return /(Id|_id|Number|Reference)$/.test(name) && SUBJECT.test(name);
}

/** A parameter `order`, whose `id` the function uses, or one called `orderId`. */
function subjectOfParameters(file: SourceFile, call: CallExpression): string | undefined {
  for (const node of functionsAround(file, call)) {
    for (const { pattern } of node.parameters) {
      for (const name of namesOf(file, pattern)) {
        if (isSubjectId(name)) return name;
        if (SUBJECT.test(name) && usesId(file, node, name)) return `${name}.id`;
      }
    }
  }
  return undefined;
}

function deliveryIn(file: SourceFile, call: CallExpression): string | undefined {
  for (const node of functionsAround(file, call)) {
    for (const { pattern } of node.parameters) {
      const name = namesOf(file, pattern)[0];
      if (pattern.kind === 'variable' && name !== undefined && DELIVERY.test(name)) return `${name}.id`;
    }
  }
  return undefined;
}

function functionsAround(file: SourceFile, call: CallExpression): FunctionNode[] {
  const found: FunctionNode[] = [];
  for (let node = functionAround(file, call); node !== undefined && node.kind !== 'module'; ) {
    found.push(node);
    node = node.parent === undefined ? undefined : file.functions[node.parent];
  }
  return found;
}

function namesOf(file: SourceFile, pattern: FunctionNode['parameters'][number]['pattern']): string[] {
  if (pattern.kind === 'variable') return [file.variables[pattern.variable]?.name ?? ''];
  if (pattern.kind !== 'object-pattern') return [];
  return pattern.properties.flatMap(({ value }) =>
    value.kind === 'variable' ? [file.variables[value.variable]?.name ?? ''] : [],
  );
}

function usesId(file: SourceFile, node: FunctionNode, name: string): boolean {
  return new RegExp(`\\b${name.replaceAll('$', '\\$')}\\.id\\b`).test(textOf(file, node.bodySpan));
}
