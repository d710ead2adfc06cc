// Idiom of github.com/supabase/auth-js: a Web Lock around every change of the stored session.
declare const storage: { set(key: string, value: string): Promise<void> };

export async function save(value: string): Promise<void> {
  await navigator.locks.request('session', () => saveWithLock(value));
}

async function saveWithLock(value: string): Promise<void> { return storage.set('session', value); }

export async function refresh(value: string): Promise<void> {
  await navigator.locks.request('session', async () => {
    await storage.set('pending', value);
    await saveWithLock(value);
//        ^^^^ deadlock/relock high "'save' (through 'request') asks for 'session' while this code"
  });
}

export async function tryRefresh(value: string): Promise<void> {
  await navigator.locks.request('session', async () => {
    // ok deadlock/relock: it goes on without the lock
    await navigator.locks.request('session', { ifAvailable: true }, async () => storage.set('session', value));
    await navigator.locks.request('drafts', async () => storage.set('draft', value)); // ok deadlock/relock: another name
  });
}
