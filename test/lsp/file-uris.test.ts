/** URIs as editors send them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { normalPath, pathToUri, relativeTo, uriToPath } from '../../server/src/lsp/file-uris.ts';
import { WorkspaceFolders } from '../../server/src/lsp/workspace-folders.ts';

test('to paths on Linux and macOS', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['file:///home/a/b.ts', '/home/a/b.ts'],
    ['FILE:///home/b.ts', '/home/b.ts'],
    ['file:/home/b.ts', '/home/b.ts'],
    ['file://localhost/home/b.ts', '/home/b.ts'],
    ['file:///a%20b/%C3%A9%F0%9F%98%80%23%3F.ts', '/a b/é😀#?.ts'],
    ['file:///a/100%.ts', '/a/100%.ts'],
    ['file:///a/%FF.ts', '/a/%FF.ts'],
    ['file:///a/b/../c/./d/', '/a/c/d'],
    ['file:///a/b.ts?query#fragment', '/a/b.ts'],
    ['file:///', '/'],
    ['file:///c%3A/x.ts', '/c:/x.ts'],
    ['file:///a%00b', undefined],
    ['file://server/share/x.ts', undefined],
    ['untitled:Untitled-1', undefined],
    ['https://example.com/x.ts', undefined],
    ['/home/x.ts', undefined],
    ['', undefined],
  ];
  for (const [uri, path] of cases) assert.equal(uriToPath(uri, 'linux'), path, uri);
});

test('to paths on Windows', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['file:///c%3A/Users/a%20b/x.ts', 'c:/Users/a b/x.ts'],
    ['file:///C:/Users/x.ts', 'c:/Users/x.ts'],
    ['file:///c:/', 'c:/'],
    ['file://server/share/x.ts', '//server/share/x.ts'],
    ['file:///c:/a%5Cb.ts', 'c:/a/b.ts'],
  ];
  for (const [uri, path] of cases) assert.equal(uriToPath(uri, 'win32'), path, uri);
});

test('and back, as VS Code writes them', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/a b/é#?%.ts', 'file:///a%20b/%C3%A9%23%3F%25.ts'],
    ["/app/(group)/[id]/it's!*.tsx", 'file:///app/%28group%29/%5Bid%5D/it%27s%21%2A.tsx'],
    ['c:/Users/x.ts', 'file:///c%3A/Users/x.ts'],
    ['C:\\Users\\x.ts', 'file:///c%3A/Users/x.ts'],
    ['//server/share/x y.ts', 'file://server/share/x%20y.ts'],
    ['/lone\ud800surrogate', 'file:///lone%EF%BF%BDsurrogate'],
  ];
  for (const [path, uri] of cases) assert.equal(pathToUri(path), uri, path);
  for (const [path] of cases.slice(0, 3)) {
    assert.equal(uriToPath(pathToUri(path), path.startsWith('/') ? 'linux' : 'win32'), path);
  }
});

test('one spelling per path, and what is inside what', () => {
  assert.equal(normalPath('C:\\a\\..\\b\\'), 'c:/b');
  assert.equal(normalPath('/a\\b'), '/a\\b', 'a backslash is a character of a name elsewhere');
  assert.equal(relativeTo('/a', '/a/b/c'), 'b/c');
  assert.equal(relativeTo('/a', '/ab/c'), undefined);
  assert.equal(relativeTo('/', '/ab'), 'ab');
});

test('files of a folder are spelled as the client spells the folder', () => {
  const folders = new WorkspaceFolders();
  folders.set([
    'file:///home/me/my%20app/',
    'file:///home/me/my%20app/nested',
    'vsls:/remote',
    'file:///home/me/my%20app',
  ]);
  assert.deepEqual(folders.roots, ['/home/me/my app'], 'nested, foreign and repeated folders are no roots');
  assert.equal(folders.uriOf('/home/me/my app/(x).ts'), 'file:///home/me/my%20app/%28x%29.ts');
  assert.equal(folders.uriOf('/elsewhere/x.ts'), 'file:///elsewhere/x.ts');
  assert.equal(folders.displayPath('/home/me/my app/nested/x.ts'), 'x.ts');
  folders.change(['file:///b'], ['file:///home/me/my%20app/']);
  assert.deepEqual(folders.roots, ['/b', '/home/me/my app/nested']);
});

test('the most open setting of all folders counts', () => {
  const folders = new WorkspaceFolders();
  assert.equal(folders.minConfidence, 'low');
  folders.setConfidences(['high', 'medium']);
  assert.equal(folders.minConfidence, 'medium');
  folders.setConfidences(['high', 'nonsense']);
  assert.equal(folders.minConfidence, 'low');
});

test('the home directory is never analysed because of one file in it', () => {
  const folders = new WorkspaceFolders();
  folders.opened(`${process.env['HOME'] ?? '/root'}/scratch.ts`);
  folders.opened('/scratch.ts');
  assert.deepEqual(folders.roots, []);
});
