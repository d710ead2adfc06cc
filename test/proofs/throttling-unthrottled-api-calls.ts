import { type Proof, program, proof } from './harness/proof.ts';
import type { Scene } from './harness/scene.ts';

const rule = 'throttling/unthrottled-api-calls';

const globals = ({ clock, api }: Scene): Record<string, unknown> => ({ ...clock.globals(), fetch: api.fetch });

const EMAILS = Array.from({ length: 25 }, (_, index) => `user${index}@example.com`);

interface Invites {
  readonly inviteAll: (emails: readonly string[]) => Promise<unknown>;
}

const busiestSecond: Proof<Invites>['observe'] = async ({ inviteAll }, { api }) => {
  await inviteAll(EMAILS);
  return { calls: api.calls.length, inOneSecond: api.busiestSecond };
};

const mostAtOnce: Proof<Invites>['observe'] = async ({ inviteAll }, scene) => {
  scene.api.barrier = scene.barrier(EMAILS.length);
  await inviteAll(EMAILS);
  return { calls: scene.api.calls.length, atOnce: scene.api.mostAtOnce };
};

export const unthrottledApiCallsProofs: readonly Proof[] = [
  proof({
    rule,
    fix: 'insert-limiter',
    form: 'one after another',
    program: program`
      export async function inviteAll(emails: readonly string[]): Promise<void> {
        for (const email of emails) {
          const response = await fetch('https://api.crm.example/v1/invites', { method: 'POST', body: email });
          if (!response.ok) throw new Error(\`not invited: \${response.status}\`);
        }
      }
    `,
    globals,
    observe: busiestSecond,
    before: { calls: 25, inOneSecond: 25 },
    after: { calls: 25, inOneSecond: 10 },
  }),
  proof({
    rule,
    fix: 'insert-limiter',
    form: 'all at once',
    program: program`
      export function inviteAll(emails: readonly string[]): Promise<Response[]> {
        return Promise.all(emails.map((email) => fetch('https://api.crm.example/v1/invites', { method: 'POST', body: email })));
      }
    `,
    globals,
    observe: busiestSecond,
    before: { calls: 25, inOneSecond: 25 },
    after: { calls: 25, inOneSecond: 10 },
  }),
  proof({
    rule,
    fix: 'use-limiter',
    form: "the file's own limiter",
    program: program`
      class RateLimiter {
        #next = 0;

        constructor(private readonly perSecond: number) {}

        async acquire(): Promise<void> {
          const turn = Math.max(Date.now(), this.#next);
          this.#next = turn + 1000 / this.perSecond;
          await new Promise((resolve) => setTimeout(resolve, turn - Date.now()));
        }
      }

      const crmLimiter = new RateLimiter(5);

      export async function inviteAll(emails: readonly string[]): Promise<void> {
        for (const email of emails) await fetch('https://api.crm.example/v1/invites', { method: 'POST', body: email });
      }
    `,
    globals,
    observe: busiestSecond,
    before: { calls: 25, inOneSecond: 25 },
    after: { calls: 25, inOneSecond: 5 },
  }),
  proof({
    rule,
    fix: 'use-limiter',
    form: 'p-limit of the file',
    program: program`
      import pLimit from 'p-limit';

      const limit = pLimit(4);

      export function inviteAll(emails: readonly string[]): Promise<Response[]> {
        return Promise.all(emails.map((email) => fetch('https://api.crm.example/v1/invites', { method: 'POST', body: email })));
      }

      export function warmUp(): Promise<Response> {
        return limit(() => fetch('https://api.crm.example/v1/status'));
      }
    `,
    globals,
    observe: mostAtOnce,
    before: { calls: 25, atOnce: 25 },
    after: { calls: 25, atOnce: 4 },
  }),
  proof({
    rule,
    fix: 'limit-concurrency',
    form: 'p-limit, which the project has',
    program: program`
      import pLimit from 'p-limit';

      export function inviteAll(emails: readonly string[]): Promise<Response[]> {
        return Promise.all(emails.map((email) => fetch('https://api.crm.example/v1/invites', { method: 'POST', body: email })));
      }

      export function each(count: number, work: () => Promise<void>): Promise<void[]> {
        const few = pLimit(2);
        return Promise.all(Array.from({ length: count }, () => few(work)));
      }
    `,
    globals,
    observe: mostAtOnce,
    before: { calls: 25, atOnce: 25 },
    after: { calls: 25, atOnce: 5 },
  }),
];
