import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'throttling/cache-stampede';
const CALLERS = Array.from({ length: 10 });

interface Reports {
  readonly getReport: (key: string, compute: () => Promise<object>) => Promise<unknown>;
}

export const cacheStampedeProofs: readonly Proof[] = [
  proof<Reports>({
    rule,
    fix: 'single-flight',
    form: 'ioredis',
    needs: 'redis',
    program: program`
      import { Redis } from 'ioredis';

      export const redis = new Redis(process.env['REDIS_URL'] ?? '');

      export async function getReport(key: string, compute: () => Promise<object>) {
        const cached = await redis.get(key);
        if (cached) return JSON.parse(cached);
        const value = await compute();
        await redis.set(key, JSON.stringify(value), 'EX', 300);
        return value;
      }
    `,
    async observe({ getReport }, scene) {
      let computed = 0;
      const compute = async (): Promise<object> => {
        computed += 1;
        if (computed === 1) throw new Error('not yet');
        return { rows: 3 };
      };
      const ask = (): Promise<unknown> => getReport('report', compute).then((report) => JSON.stringify(report));
      // A failure is not kept: the next one who asks computes.
      const failure = await ask().catch((error: Error) => error.message);
      computed = 1;
      const seen = new Set(
        await scene.atOnce(
          /^get/,
          CALLERS.map(() => ask),
        ),
      );
      return { failure, computations: computed - 1, seen: [...seen] };
    },
    before: { failure: 'not yet', computations: 10, seen: ['{"rows":3}'] },
    after: { failure: 'not yet', computations: 1, seen: ['{"rows":3}'] },
  }),
  proof<{ latestRelease: (repository: string) => Promise<number> }>({
    rule,
    fix: 'single-flight',
    form: 'a Map of the process',
    program: program`
      const releases = new Map<string, { price: number; until: number }>();

      export async function latestRelease(repository: string): Promise<number> {
        const known = releases.get(repository);
        if (known !== undefined && known.until > Date.now()) return known.price;
        const response = await fetch(\`https://api.releases.example/repos/\${repository}/latest\`);
        const { price } = (await response.json()) as { price: number };
        releases.set(repository, { price, until: Date.now() + 60_000 });
        return price;
      }

      export function forget(): void {
        releases.clear();
      }
    `,
    globals: ({ api }) => ({ fetch: api.fetch }),
    async observe({ latestRelease }, { api }) {
      const answers = await Promise.all(CALLERS.map(() => latestRelease('a/b')));
      return { calls: api.calls.length, answers: new Set(answers) };
    },
    before: { calls: 10, answers: new Set([7]) },
    after: { calls: 1, answers: new Set([7]) },
  }),
];
