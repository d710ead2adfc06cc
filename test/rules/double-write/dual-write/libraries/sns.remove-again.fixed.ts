// Idiom of github.com/standardnotes/server: use cases save by a repository, and publish domain events through SNS.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Account {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() email!: string;
  @Column({ nullable: true }) deletedAt!: Date | null;
}

interface DomainEvent {
  type: string;
  payload: object;
}

export class EventPublisher {
  constructor(
    private readonly sns: SNSClient,
    private readonly topicArn: string,
  ) {}

  async publish(event: DomainEvent) {
    await this.sns.send(new PublishCommand({ TopicArn: this.topicArn, Message: JSON.stringify(event) }));
  }
}

export class Accounts {
  constructor(
    private readonly accounts: Repository<Account>,
    private readonly events: EventPublisher,
    private readonly sqs: SQSClient,
  ) {}

  async register(email: string) {
    const account = await this.accounts.save({ email });
    //                                  ^^^^ related "Written to 'Account' here."
    try {
      await this.events.publish({ type: 'USER_REGISTERED', payload: { userId: account.id } });
    } catch (error) {
      await this.accounts.remove(account);
      throw error;
    }
    //                ^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
    return account;
  }

  async close(id: string) {
    await this.accounts.delete({ id });
    //                  ^^^^^^ related "Written to 'Account' here."
    void this.sqs.send(new SendMessageCommand({ QueueUrl: 'accounts', MessageBody: id }));
    //            ^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
  }

  async requestClosing(id: string) {
    const account = await this.accounts.findOneBy({ id });
    if (account === null) return;
    await this.events.publish({ type: 'ACCOUNT_DELETION_REQUESTED', payload: { userId: id } }); // ok double-write/dual-write: the event first, rows by who handles it
  }

  async registerOrNot(email: string) {
    const account = await this.accounts.save({ email });
    try {
      await this.events.publish({ type: 'USER_REGISTERED', payload: { userId: account.id } }); // ok double-write/dual-write: the catch takes the row away again
    } catch (error) {
      await this.accounts.delete({ id: account.id });
      throw error;
    }
  }

  async registerThroughOutbox(source: DataSource, email: string) {
    await source.transaction(async (manager) => {
      const account = await manager.save(Account, { email });
      await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['USER_REGISTERED', account.id]); // ok double-write/dual-write: a row of the same transaction
    });
  }
}
