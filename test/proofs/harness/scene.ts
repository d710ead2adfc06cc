/** What a schedule works with: the services, the order in which callers go on, and what was sent. */
import { Api } from './api.ts';
import { Barrier } from './barrier.ts';
import type { Commands } from './commands.ts';
import type { Postgres } from './postgres.ts';
import type { Redis } from './redis.ts';
import { VirtualClock } from './virtual-clock.ts';

/** With the bug all callers arrive, however slow the machine is; with the fix they may wait for each other. */
const LIMIT = { before: 20_000, after: 300 } as const;

export class Scene {
  readonly clock = new VirtualClock();
  readonly api = new Api(this.clock);
  private readonly phase: 'before' | 'after';
  private readonly commands: Commands;
  private readonly services: { readonly postgres: Postgres | undefined; readonly redis: Redis | undefined };

  constructor(phase: 'before' | 'after', commands: Commands, services: Scene['services']) {
    this.phase = phase;
    this.commands = commands;
    this.services = services;
  }

  get postgres(): Postgres {
    if (this.services.postgres === undefined) throw new Error('the proof does not say that it needs postgres');
    return this.services.postgres;
  }

  get redis(): Redis['client'] {
    if (this.services.redis === undefined) throw new Error('the proof does not say that it needs redis');
    return this.services.redis.client;
  }

  barrier(parties: number): Barrier {
    return new Barrier(parties, LIMIT[this.phase]);
  }

  /**
   * Runs the calls at once; each goes on after a command that matches when all of them have sent theirs. Gives what
   * became of each, an error's code or message, sorted: who comes first is not forced.
   */
  async atOnce(after: RegExp, calls: readonly (() => Promise<unknown>)[]): Promise<unknown[]> {
    const barrier = this.barrier(calls.length);
    // Only what they send first: 'save' reads the row as well.
    let held = 0;
    this.commands.hold = (command) => (after.test(command) && ++held <= calls.length ? barrier.arrive() : undefined);
    try {
      const results = await Promise.allSettled(calls.map((call) => call()));
      const outcomes = results.map((result) =>
        result.status === 'fulfilled' ? (result.value ?? 'done') : outcomeOf(result.reason),
      );
      return outcomes.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    } finally {
      this.commands.hold = undefined;
    }
  }

  /** Somebody else acts just before the first command that matches. Gives what became of the call. */
  async justBefore(command: RegExp, other: () => void, call: () => Promise<unknown>): Promise<unknown> {
    let acted = false;
    this.commands.precede = (sent) => {
      if (acted || !command.test(sent)) return;
      acted = true;
      other();
    };
    try {
      return (await call()) ?? 'done';
    } catch (error) {
      return outcomeOf(error);
    } finally {
      this.commands.precede = undefined;
    }
  }

  /** The second caller does everything between the first one's command and what that does next, unless it has to wait. */
  async overtaken(command: RegExp, first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
    const barrier = this.barrier(2);
    let started: Promise<unknown> | undefined;
    this.commands.hold = (sent) => {
      if (started !== undefined || !command.test(sent)) return undefined;
      started = second().then(() => barrier.arrive());
      return barrier.arrive();
    };
    try {
      await first();
      await started;
    } finally {
      this.commands.hold = undefined;
    }
  }

  /** The commands that match, sent while `work` ran. */
  async sentDuring(pattern: RegExp, work: () => Promise<unknown>): Promise<string[]> {
    this.commands.sent.length = 0;
    await work();
    return this.commands.sent.filter((command) => pattern.test(command));
  }

  close(): void {
    this.commands.clear();
    this.api.close();
  }
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.message;
}
