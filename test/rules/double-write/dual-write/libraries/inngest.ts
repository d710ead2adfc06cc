// Idiom of github.com/documenso/documenso: jobs are triggered by events, through one client.
import { Inngest } from 'inngest';
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Envelope {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() status!: string;
}

const inngest = new Inngest({ id: 'documents' });

export class EnvelopeService {
  constructor(private readonly envelopes: Repository<Envelope>) {}

  async seal(id: string) {
    const envelope = await this.envelopes.save({ id, status: 'completed' });
    //                                    ^^^^ related "Written to 'Envelope' here."
    await inngest.send({ name: 'internal.seal-document', data: { envelopeId: envelope.id } });
    //            ^^^^ double-write/dual-write low "if it fails the caller gets an error"
  }

  async sealAndSwallow(id: string) {
    await this.envelopes.insert({ id, status: 'completed' });
    //                   ^^^^^^ related "Written to 'Envelope' here."
    try {
      await inngest.send({ name: 'internal.seal-document', data: { envelopeId: id } });
      //            ^^^^ double-write/dual-write medium "if it fails nobody learns of it"
    } catch (error) {
      console.error('not sealed', error);
    }
  }

  async sealFirst(id: string) {
    await inngest.send({ id, name: 'internal.seal-document', data: { envelopeId: id } }); // ok double-write/dual-write: the event first, by its own id once
    await this.envelopes.update({ id }, { status: 'sealing' });
  }

  async notify(id: string) {
    await this.envelopes.update({ id }, { status: 'sent' });
    await inngest.send({ name: 'send.signing.email', data: { envelopeId: id } }); // ok double-write/dual-write: a mail that may be lost
  }

  /** Every five minutes. */
  async resweepUnsealed() {
    for (const { id } of await this.envelopes.find({ where: { status: 'unsealed' }, take: 50 })) {
      await inngest.send({ name: 'internal.archive-document', data: { envelopeId: id } });
    }
  }

  async archive(id: string) {
    await this.envelopes.insert({ id, status: 'unsealed' });
    await inngest.send({ name: 'internal.archive-document', data: { envelopeId: id } }); // ok double-write/dual-write: sent again by the sweeper
  }
}
