// Idiom of github.com/alibaba/hooks: maps in a file of their own, used by others.
import { LRUCache } from 'lru-cache';
export const drafts = new Map<string, string>();
export const uploads = new LRUCache<string, Uint8Array>({ max: 1000, ttl: 10 * 60 * 1000 });

export function keepDraft(userId: string, text: string): void {
  drafts.set(userId, text); // ok memory-leak/unbounded-cache: the sweep in another file deletes it
}

export function keepUpload(uploadId: string, bytes: Uint8Array): void {
  uploads.set(uploadId, bytes);
  //      ^^^ memory-leak/unbounded-cache medium "'uploads'"
}
