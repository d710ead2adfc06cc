// Idiom of github.com/outline/outline: the transaction is opened around the request and handed in.
import { Column, Entity, type EntityManager, PrimaryColumn } from 'typeorm';

@Entity()
export class Invite {
  @PrimaryColumn() id: string;
  @Column() sent: number;
}

export async function resend(manager: EntityManager, id: string) {
  const invite = await manager.findOneByOrFail(Invite, { id });
  //                           ^^^^^^^^^^^^^^^ related ""
  invite.sent += 1;
  await manager.save(invite);
  //            ^^^^ race-condition/lost-update high "'sent' of 'Invite'"
}

export async function resendLocked(manager: EntityManager, id: string) {
  const invite = await manager.findOneOrFail(Invite, { where: { id }, lock: { mode: 'pessimistic_write' } });
  invite.sent += 1;
  await manager.save(invite); // ok race-condition/lost-update: the row is locked in the caller's transaction
}
