// Idiom of github.com/alibaba/hooks: maps in a file of their own, used by others.
export const drafts = new Map<string, string>();
export const uploads = new Map<string, Uint8Array>();

export function keepDraft(userId: string, text: string): void {
  drafts.set(userId, text); // ok memory-leak/unbounded-cache: the sweep in another file deletes it
}

export function keepUpload(uploadId: string, bytes: Uint8Array): void {
  uploads.set(uploadId, bytes);
  if (uploads.size > 1000) {
    const oldest = uploads.keys().next().value;
    if (oldest !== undefined) uploads.delete(oldest);
  }
  //      ^^^ memory-leak/unbounded-cache medium "'uploads'"
}
