// Idiom of github.com/danny-avila/LibreChat: model lists and settings of providers, kept in a Keyv each.
import Keyv from 'keyv';

const inFlight = new Map<string, Promise<string[]>>();

const models = new Keyv<string[]>({ namespace: 'models' });
const config = new Keyv<object>({ namespace: 'config' });
const loading = new Map<string, Promise<object>>();

export async function fetchModels(baseUrl: string): Promise<string[]> {
  const cached = await models.get(baseUrl);
  //                          ^^^ related "Looked up here."
  if (cached) return cached;
  const running = inFlight.get(baseUrl);
  if (running !== undefined) return running;
  const computation = (async () => {
    const response = await fetch(`${baseUrl}/models`);
    const { data } = (await response.json()) as { data: { id: string }[] };
    const names = data.map(({ id }) => id);
    await models.set(baseUrl, names, 120_000);
    //           ^^^ throttling/cache-stampede high "everyone who asks for it in the meantime"
    return names;
  })().finally(() => inFlight.delete(baseUrl));
  inFlight.set(baseUrl, computation);
  return computation;
}

export async function tenantConfig(tenant: string) {
  let found = await config.get(tenant);
  //                       ^^^ related "Looked up here."
  if (found === undefined) {
    const response = await fetch(`https://config.example.com/${tenant}`);
    found = (await response.json()) as object;
    await config.set(tenant, found);
    //           ^^^ throttling/cache-stampede high "everyone who asks for it in the meantime"
  }
  return found;
}

function load(tenant: string): Promise<object> {
  const known = loading.get(tenant);
  if (known !== undefined) return known;
  const promise = fetch(`https://config.example.com/${tenant}`)
    .then((response) => response.json() as Promise<object>)
    .finally(() => loading.delete(tenant));
  loading.set(tenant, promise); // ok throttling/cache-stampede: the promise itself is stored
  return promise;
}

export async function tenantConfigOnce(tenant: string) {
  const cached = await config.get(tenant);
  if (cached !== undefined) return cached;
  const found = await load(tenant);
  await config.set(tenant, found); // ok throttling/cache-stampede: they have waited for one request
  return found;
}

export async function saveConfig(tenant: string, changed: object) {
  await fetch(`https://config.example.com/${tenant}`, { method: 'PUT', body: JSON.stringify(changed) });
  await config.set(tenant, changed); // ok throttling/cache-stampede: not after a miss
}

export async function modelsOrNone(baseUrl: string) {
  return (await models.get(baseUrl)) ?? []; // ok throttling/cache-stampede: a miss computes nothing
}
