import { drafts, uploads } from './store.ts';

export function forget(userId: string): void {
  drafts.delete(userId);
}

export function hasUpload(uploadId: string): boolean {
  return uploads.has(uploadId);
}
