/**
 * Identifier texts, shared between occurrences and files.
 *
 * A direct-mapped cache: bounded, and a hit costs neither a new string nor its hash, which the lookups in scopes
 * need.
 */
const SLOTS = 1 << 14;
const slots: string[] = Array.from({ length: SLOTS }, () => '');

export function internName(text: string, start: number, end: number): string {
  const length = end - start;
  let hash = length;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  const slot = (hash ^ (hash >>> 14)) & (SLOTS - 1);
  const cached = slots[slot] as string;
  if (cached.length === length && isAt(text, start, cached)) return cached;
  const name = detach(text.slice(start, end));
  slots[slot] = name;
  return name;
}

function isAt(text: string, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (text.charCodeAt(start + i) !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** A slice of 13 characters or more keeps the whole file's text alive; the cache must not. */
function detach(name: string): string {
  return name.length < 13 ? name : Buffer.from(name, 'utf16le').toString('utf16le');
}
