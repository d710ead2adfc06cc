import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaringPackage, packageOfModule } from '../../server/src/typescript/declaring-package.ts';

const LIB = '/ext/dist/typescript';
const inModules = (path: string): string => `/p/node_modules/${path}`;

test('the package that declares a file', () => {
  const cases: [path: string, moduleName: string | undefined, expected: string | undefined][] = [
    [`${LIB}/lib.es5.d.ts`, undefined, 'lib'],
    ['/p/src/a.ts', '/p/src/a', undefined],
    [inModules('typeorm/repository/Repository.d.ts'), inModules('typeorm/repository/Repository'), 'typeorm'],
    [inModules('@nestjs/common/index.d.ts'), undefined, '@nestjs/common'],
    [inModules('.pnpm/pg@8.1.0_x/node_modules/pg/lib/index.js'), undefined, 'pg'],
    [inModules('@types/pg/index.d.ts'), undefined, 'pg'],
    [inModules('@types/babel__core/index.d.ts'), undefined, '@babel/core'],
    [inModules('@types/node/fs.d.ts'), 'fs', 'node:fs'],
    [inModules('@types/node/fs/promises.d.ts'), 'node:fs/promises', 'node:fs/promises'],
    [inModules('@types/node/timers.d.ts'), undefined, 'node:timers'],
    [inModules('@types/node/buffer.buffer.d.ts'), undefined, 'node:buffer'],
    [inModules('@types/node/ts5.6/globals.d.ts'), undefined, 'node:globals'],
    [inModules('@types/node/web-globals/fetch.d.ts'), undefined, 'node:globals'],
    // Augmentations belong to what they augment, those in the project's files to the project.
    [
      inModules('passport/index.d.ts'),
      inModules('@types/express-serve-static-core/index'),
      'express-serve-static-core',
    ],
    ['/p/src/session.d.ts', inModules('express-session/index'), undefined],
    [inModules('some-shims/index.d.ts'), 'mongoose/types', 'mongoose'],
    ['/p/typings.d.ts', 'untyped', 'untyped'],
    ['/p/typings.d.ts', '*.svg', undefined],
    ['C:/p/src/a.ts', 'C:/p/src/a', undefined],
  ];
  for (const [path, moduleName, expected] of cases)
    assert.equal(declaringPackage(path, moduleName, LIB), expected, path);
});

test('the package part of an import', () => {
  const names = ['fs', 'node:fs/promises', 'pg', 'pg/lib/client', '@acme/x', '@acme/x/deep', 'node:test'];
  assert.deepEqual(names.map(packageOfModule), [
    'node:fs',
    'node:fs/promises',
    'pg',
    'pg',
    '@acme/x',
    '@acme/x',
    'node:test',
  ]);
});
