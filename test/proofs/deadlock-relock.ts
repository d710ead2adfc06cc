import { MUTEX_DECLARATIONS, MUTEX_MODULES, outcomeOf } from './deadlock-mutexes.ts';
import { type Proof, program, proof } from './harness/proof.ts';

const shared = {
  rule: 'deadlock/relock',
  declarations: MUTEX_DECLARATIONS,
  modules: MUTEX_MODULES,
  async observe({ replace }: { replace: (id: string) => Promise<unknown> }) {
    return outcomeOf(replace('a'));
  },
  before: 'never ends',
  after: 1,
} satisfies Omit<Proof<{ replace: (id: string) => Promise<unknown> }>, 'fix' | 'form' | 'program'>;

export const relockProofs: readonly Proof[] = [
  proof({
    ...shared,
    fix: 'split-locked-part',
    form: 'a method that takes the lock its caller holds',
    program: program`
      import { Mutex } from 'async-mutex';

      class Store {
        private readonly mutex = new Mutex();
        private readonly entries = new Set(['a']);

        async remove(id: string): Promise<void> {
          await this.mutex.runExclusive(async () => {
            this.entries.delete(id);
          });
        }

        async replace(id: string): Promise<number> {
          return this.mutex.runExclusive(async () => {
            await this.remove(id);
            this.entries.add(id);
            return this.entries.size;
          });
        }
      }
      const store = new Store();

      export const replace = (id: string) => store.replace(id);
    `,
  }),
  proof({
    ...shared,
    fix: 'run-directly',
    form: 'one lock within itself',
    program: program`
      import { Mutex } from 'async-mutex';

      const mutex = new Mutex();
      const entries = new Set<string>();

      export async function replace(id: string): Promise<number> {
        return mutex.runExclusive(async () => {
          await mutex.runExclusive(async () => {
            entries.delete(id);
          });
          entries.add(id);
          return entries.size;
        });
      }
    `,
  }),
];
