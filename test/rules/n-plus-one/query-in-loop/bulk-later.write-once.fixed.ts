// Idiom of github.com/vendure-ecommerce/vendure
import { Column, Entity, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

@Entity()
export class FulfillmentLine {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  orderLineId: number;

  @Column()
  quantity: number;
}

interface Input {
  orderLineId: number;
  quantity: number;
}
declare function announce(line: FulfillmentLine): Promise<void>;

export async function fulfil(lines: Repository<FulfillmentLine>, input: { lines: Input[] | null }) {
  const made: FulfillmentLine[] = [];
  for (const { orderLineId, quantity } of input.lines ?? []) {
    const line = await lines.save(lines.create({ orderLineId, quantity }));
//                           ^^^^ n-plus-one/query-in-loop low "'save' writes to 'FulfillmentLine' once per element of 'input.lines"
    made.push(line);
  }
  return made;
}

export async function shorten(lines: Repository<FulfillmentLine>, all: FulfillmentLine[], most: number) {
  for (const line of all) {
    if (line.quantity <= most) continue;
    line.quantity = most;
    await lines.save(line);
//              ^^^^ n-plus-one/query-in-loop low "'save' writes to 'FulfillmentLine' once per element of"
  }
}

export async function shortenAndTell(lines: Repository<FulfillmentLine>, all: FulfillmentLine[], most: number) {
  for (const line of all) {
    line.quantity = Math.min(line.quantity, most);
    await lines.save(line);
//              ^^^^ n-plus-one/query-in-loop low "'save' writes to 'FulfillmentLine' once per element of"
    // Whoever hears of it reads the line: it must be written by then, so that no fix is offered.
    await announce(line);
  }
}

declare const queue: { push(task: () => Promise<unknown>): Promise<void> };

export async function forget(lines: Repository<FulfillmentLine>, orderLineIds: number[]) {
  await queue.push(() =>
    lines.delete({
//          ^^^^^^ n-plus-one/query-in-loop medium "'delete' writes to 'FulfillmentLine' once per element of"
      orderLineId: In(orderLineIds),
      quantity: 0,
    }),
  );
}
