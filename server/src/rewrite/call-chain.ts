/** The calls of one chain, `db('users').where({ id }).update({ … })`: what builders of statements are written as. */
import type { CallExpression, Expression } from '../typescript/syntax.ts';

export interface Link {
  /** `where`; '' for a call of something that has no name. */
  readonly name: string;
  readonly call: CallExpression;
}

/** First to last. */
export function linksOf(call: CallExpression): Link[] {
  const links: Link[] = [];
  for (let current: Expression = call; ; ) {
    if (current.kind !== 'call') return links;
    const { callee }: CallExpression = current;
    links.unshift({ name: callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : '', call: current });
    if (callee.kind !== 'member') return links;
    current = callee.object;
  }
}

/** The last call of this name in the chain. */
export function linkNamed(call: CallExpression, ...names: readonly string[]): CallExpression | undefined {
  return linksOf(call).findLast(({ name }) => names.includes(name))?.call;
}

/** What a call is a member of: `prisma.user` of `prisma.user.update(…)`. */
export function receiverOf(call: CallExpression | undefined): Expression | undefined {
  return call?.callee.kind === 'member' ? call.callee.object : undefined;
}
