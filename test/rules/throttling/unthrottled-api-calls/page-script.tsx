// Idiom of github.com/linkwarden/linkwarden: a page that calls the server it came from.
/** A page's calls to the server it came from: its own API, not somebody else's. */
export async function saveAll(items: { id: string }[]): Promise<void> {
  for (const item of items) {
    await fetch(`/api/items/${item.id}`, { method: 'PUT' }); // ok throttling/unthrottled-api-calls: same origin
  }
}

export async function saveTogether(base: string, items: { id: string }[]): Promise<void> {
  await Promise.all(items.map((item) => fetch(`${base}/items/${item.id}`)));
  //                                    ^^^^^ throttling/unthrottled-api-calls low "all at once"
}

export async function refresh(base: string, ids: string[]): Promise<void> {
  for (const id of ids) {
    await fetch(`${base}/${id}`); // ok throttling/unthrottled-api-calls: its own server, one at a time
  }
}
