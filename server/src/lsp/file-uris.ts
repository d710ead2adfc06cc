/**
 * `file:` URIs to absolute paths and back. Paths have forward slashes on every platform and a lower-case drive letter,
 * so one file has one spelling. Node's own conversion throws on half of what clients send (`file://localhost/…`, a
 * stray `%`), and leaves the drive's colon in a form that VS Code treats as another file.
 */
import { posix } from 'node:path';

/** Undefined when the URI names no file of this machine: another scheme, a remote host, not a URI at all. */
export function uriToPath(uri: string, platform: NodeJS.Platform = process.platform): string | undefined {
  const match = /^file:(?:\/\/([^/?#]*))?([^?#]*)/i.exec(uri);
  if (match === null) return undefined;
  const [, authority = '', encoded = ''] = match;
  const decoded = decode(encoded);
  if (!decoded.startsWith('/') || decoded.includes('\0')) return undefined;
  if (authority !== '' && authority.toLowerCase() !== 'localhost') {
    return platform === 'win32' ? `//${decode(authority)}${clean(decoded)}` : undefined;
  }
  return platform === 'win32' ? clean(decoded.replaceAll('\\', '/').replace(/^\/(?=[a-z]:)/i, '')) : clean(decoded);
}

/** In the spelling of VS Code: everything but letters, digits and `-._~/` is percent-encoded. */
export function pathToUri(path: string): string {
  const normal = normalPath(path);
  const [, host, local] = /^\/\/([^/]+)(\/.*)$/.exec(normal) ?? [];
  if (host !== undefined && local !== undefined) return `file://${encode(host)}${encode(local)}`;
  return `file://${normal.startsWith('/') ? '' : '/'}${encode(normal)}`;
}

/** The one spelling of a path under which files are looked up, whoever gave it. */
export function normalPath(path: string): string {
  const isWindows = /^[a-z]:/i.test(path) || path.startsWith('\\\\');
  return isWindows ? clean(path.replaceAll('\\', '/')) : path;
}

/** The part of `path` below `folder`, undefined when it is not inside; empty for the folder itself. */
export function relativeTo(folder: string, path: string): string | undefined {
  if (path === folder) return '';
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

export function encode(path: string): string {
  return path.split('/').map(encodeSegment).join('/');
}

function encodeSegment(segment: string): string {
  // A lone surrogate has no UTF-8 form and makes encodeURIComponent throw.
  const wellFormed = segment.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  );
  return encodeURIComponent(wellFormed).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Sequences that are no UTF-8 stay as they are. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (sequence) => {
    try {
      return decodeURIComponent(sequence);
    } catch {
      return sequence;
    }
  });
}

function clean(path: string): string {
  const normal = posix.normalize(path).replace(/^[A-Z](?=:)/, (drive) => drive.toLowerCase());
  return normal.length > 1 && normal.endsWith('/') && !/^[a-z]:\/$/.test(normal) ? normal.slice(0, -1) : normal;
}
