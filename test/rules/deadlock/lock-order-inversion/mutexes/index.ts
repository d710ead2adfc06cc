// Idiom of github.com/DirtyHairy/async-mutex: one mutex per file, taken together by some.
import { Mutex } from 'async-mutex';

export const settings = new Mutex();
export const history = new Mutex();
export const cache = new Mutex();

declare function write(name: string, text: string): Promise<void>;

export async function saveSettings(text: string): Promise<void> {
  await settings.runExclusive(() =>
    history.runExclusive(async () => {
      await write('settings', text);
    }),
  );
}

export async function undo(text: string): Promise<void> {
  await history.runExclusive(async () => {
    await write('history', text);
    await apply(text);
//        ^^^^^ deadlock/lock-order-inversion high "'apply' (through 'runExclusive') takes the lock 'settings'"
  });
}

async function apply(text: string): Promise<void> {
  await settings.runExclusive(async () => write('settings', text));
}

export async function warm(text: string): Promise<void> {
  await cache.runExclusive(async () => {
    await write('cache', text);
  });
  await settings.runExclusive(async () => write('settings', text)); // ok deadlock/lock-order-inversion: one after the other
}

export async function refresh(text: string): Promise<void> {
  await settings.runExclusive(async () => {
    await cache.runExclusive(async () => write('cache', text)); // ok deadlock/lock-order-inversion: nobody takes them the other way
  });
}
