// Idiom of github.com/outline/outline: a base class that creates with the request's context, an event at the end.
import Bull from 'bull';
import { Model, type Transaction } from 'sequelize';

interface Context {
  state: { transaction: Transaction; auth: { user: { id: string } } };
}

class Record extends Model {
  id!: string;

  static async createIn(ctx: Context, values: object) {
    return this.create(values, { transaction: ctx.state.transaction });
  }
}

class Image extends Record {}

const events = new Bull<object>('events');

// The images are somebody's, and this somebody has edited: that is all the two have in common.
export async function edited(ctx: Context, documentId: string, images: string[]) {
  const { user } = ctx.state.auth;
  for (const url of images) await Image.createIn(ctx, { url, userId: user.id });
  //                                    ^^^^^^^^ n-plus-one/query-in-loop "once per element of 'images'"
  await events.add({ name: 'documents.edited', documentId, actorId: user.id });
  //           ^^^ double-write/effect-before-commit-visible low "while the transaction that the caller handed in is open"
}

export async function added(ctx: Context, documentId: string, url: string) {
  const { user } = ctx.state.auth;
  await Image.createIn(ctx, { url, documentId, userId: user.id });
  await events.add({ name: 'documents.illustrated', documentId, actorId: user.id });
  //           ^^^ double-write/effect-before-commit-visible medium "while the transaction that the caller handed in is open"
}
