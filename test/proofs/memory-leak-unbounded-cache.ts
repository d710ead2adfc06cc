import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'memory-leak/unbounded-cache';

const THUMBNAILS = program`
  export const thumbnails = new Map<string, string>();

  export function thumbnail(imageId: string, render: (id: string) => string): string {
    const known = thumbnails.get(imageId);
    if (known !== undefined) return known;
    const image = render(imageId);
    thumbnails.set(imageId, image);
    return image;
  }
`;

interface Thumbnails {
  readonly thumbnails: { readonly size: number };
  readonly thumbnail: (id: string, render: (id: string) => string) => string;
}

const observe: Proof<Thumbnails>['observe'] = async ({ thumbnail, thumbnails }) => {
  let rendered = 0;
  const render = (id: string): string => {
    rendered += 1;
    return `image of ${id}`;
  };
  for (let id = 0; id < 1500; id += 1) thumbnail(`${id}`, render);
  // The latest is still there.
  const latest = thumbnail('1499', render);
  return { entries: thumbnails.size, rendered, latest };
};

const SEEN = { rendered: 1500, latest: 'image of 1499' };

export const unboundedCacheProofs: readonly Proof[] = [
  ...['lru-cache', 'drop-oldest'].map((fix) =>
    proof({
      rule,
      fix,
      form: 'a Map of the module',
      program: THUMBNAILS,
      observe,
      before: { ...SEEN, entries: 1500 },
      after: { ...SEEN, entries: 1000 },
    }),
  ),
  proof<{
    pending: Map<string, unknown>;
    fetchOnce: (url: string, fetchText: (url: string) => Promise<string>) => Promise<string>;
  }>({
    rule,
    fix: 'forget-when-settled',
    form: 'a Map of promises',
    program: program`
      export const pending = new Map<string, Promise<string>>();

      export function fetchOnce(url: string, fetchText: (url: string) => Promise<string>): Promise<string> {
        const known = pending.get(url);
        if (known !== undefined) return known;
        const promise = fetchText(url);
        pending.set(url, promise);
        return promise;
      }
    `,
    async observe({ pending, fetchOnce }) {
      let fetched = 0;
      const fetchText = async (url: string): Promise<string> => {
        fetched += 1;
        if (url === '/7') throw new Error('not found');
        return url;
      };
      const urls = Array.from({ length: 100 }, (_, index) => `/${index}`);
      const results = await Promise.allSettled([...urls, ...urls].map((url) => fetchOnce(url, fetchText)));
      const failed = results.filter(({ status }) => status === 'rejected').length;
      await new Promise(setImmediate);
      return { fetched, failed, entries: pending.size };
    },
    before: { fetched: 100, failed: 2, entries: 100 },
    after: { fetched: 100, failed: 2, entries: 0 },
  }),
];
