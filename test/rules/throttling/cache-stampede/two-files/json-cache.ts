import { Redis } from 'ioredis';

const redis = new Redis();

export async function readJson<T>(key: string): Promise<T | undefined> {
  const text = await redis.get(key);
  return text === null ? undefined : (JSON.parse(text) as T);
}

export async function writeJson(key: string, value: unknown, seconds: number): Promise<void> {
  await redis.set(key, JSON.stringify(value), 'EX', seconds);
  //          ^^^ related "The cache set happens here"
}

export async function takeLock(key: string): Promise<boolean> {
  return (await redis.set(`lock:${key}`, '1', 'EX', 10, 'NX')) === 'OK';
}
