// Idiom of github.com/dimasneto7/project: a request for each element, awaited in the loop.
/** Someone else's API once per element, one request after another. */
import axios from 'axios';

declare const pricingApi: { getPrice(id: string): Promise<number> };
declare const shops: { url: string }[];

export async function syncAllPrices(productIds: string[]): Promise<Map<string, number>> {
  const prices = new Map<string, number>();
  for (const id of productIds) {
    const price = await pricingApi.getPrice(id);
    //                             ^^^^^^^^ throttling/unthrottled-api-calls medium "once per element of 'productIds'"
    prices.set(id, price);
  }
  return prices;
}

export async function inviteAll(emails: readonly string[]): Promise<void> {
  for (const email of emails) {
    const response = await fetch('https://api.crm.example/v1/invites', { method: 'POST', body: JSON.stringify({ email }) });
    //                     ^^^^^ throttling/unthrottled-api-calls high "'fetch' calls an outside service"
    if (!response.ok) throw new Error(`not invited: ${response.status}`);
  }
}

async function geocode(address: string): Promise<{ lat: number; lng: number }> {
  const { data } = await axios.get('https://maps.example.com/geocode', { params: { address } });
  return data;
}

async function locate(address: string): Promise<string> {
  const { lat, lng } = await geocode(address);
  return `${lat},${lng}`;
}

export async function locateAll(addresses: string[]): Promise<string[]> {
  const places: string[] = [];
  for (let index = 0; index < addresses.length; index += 1) {
    places.push(await locate(addresses[index] ?? ''));
    //                ^^^^^^ throttling/unthrottled-api-calls high "'locate' (through 'get')"
  }
  return places;
}

/** Reported where the loop is, not for everyone who calls it. */
export async function nightly(changed: string[]): Promise<void> {
  await syncAllPrices(changed); // ok throttling/unthrottled-api-calls: the loop is in the callee
}

export async function pingAll(): Promise<void> {
  for (const shop of shops) {
    await fetch(shop.url); // ok throttling/unthrottled-api-calls: every element is another server
  }
}

export async function warmUp(): Promise<void> {
  for (const region of ['eu', 'us', 'ap']) {
    await fetch(`https://cdn.example.com/${region}/warm`); // ok throttling/unthrottled-api-calls: three of them
  }
}

export async function health(ports: number[]): Promise<void> {
  for (const port of ports) {
    await fetch(`http://localhost:${port}/health`); // ok throttling/unthrottled-api-calls: this machine
  }
}

export async function firstMirror(mirrors: string[], file: string): Promise<Response | undefined> {
  for (const mirror of mirrors) {
    const response = await fetch(`https://${mirror}.example.com/${file}`); // ok throttling/unthrottled-api-calls: stops at the first that answers
    if (response.ok) return response;
  }
  return undefined;
}
