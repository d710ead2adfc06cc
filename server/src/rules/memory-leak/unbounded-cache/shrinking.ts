/** Whether anything could take an entry out of a collection: by the facts, and by the text of every file that sees it. */
import type { ProgramFacts } from '../../../analysis/program.ts';
import { keyOf } from '../../../analysis/value.ts';
import { escaped } from '../../../rewrite/mention.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';
import type { Collection } from './collection.ts';

export function shrinks(collection: Collection, files: readonly SourceFile[], program: ProgramFacts): boolean {
  return byFacts(collection, program) || files.some((file) => byText(collection, file));
}

function byFacts({ key }: Collection, program: ProgramFacts): boolean {
  return program.ownOperations('memory').some(({ effect }) => {
    if (effect.kind !== 'memory' || effect.target.kind !== 'place' || keyOf(effect.target) !== key) return false;
    return effect.action === 'delete' || effect.action === 'clear' || effect.action === 'write';
  });
}

const READS_ALL =
  /(Object\.(keys|values|entries|fromEntries)|Array\.from|JSON\.stringify|new (Map|Set)|console\.\w+|inspect)\s*$/;

function byText({ name, at, file: home, owner }: Collection, file: SourceFile): boolean {
  const word = `(?<![\\w$])${escaped(name)}`;
  const { text } = file;
  if (new RegExp(`${word}[?!]?\\.(delete|clear|splice|shift|pop|evict|prune|trim)\\b`).test(text)) return true;
  if (new RegExp(`delete\\s+[\\w.$]*${word}\\b`).test(text)) return true;
  // A bound on the number of entries.
  if (
    new RegExp(`${word}[?!]?\\.(size|length)\\s*(>=?|<=?)\\s*(?!0\\b)`).test(text) ||
    new RegExp(`[<>]=?\\s*[\\w.$]*${word}\\.(size|length)`).test(text)
  )
    return true;
  if (new RegExp(`${word}\\.length\\s*=[^=]`).test(text)) return true;
  for (const match of text.matchAll(new RegExp(`${word}\\b`, 'g'))) {
    const start = match.index;
    const end = start + name.length;
    if (file.path === home.path && start === at.start) continue;
    const before = text.slice(Math.max(0, start - 60), start);
    const after = text.slice(end, end + 40);
    // Replaced as a whole.
    if (
      /^\s*=[^=>]/.test(after) &&
      (owner !== undefined ? /\.\s*$/.test(before) : !/(const|let|var|[.,{])\s*$/.test(before))
    )
      return true;
    // Handed to something that may take entries out, or out of the module.
    const called =
      /([\w$.]+\s*)?\(\s*(?:this\.|[\w$]+\.)?$/.exec(before) ??
      (/,\s*(?:this\.|[\w$]+\.)?$/.test(before) ? /,/.exec(',') : null);
    if (
      called !== null &&
      /^\s*[,)]/.test(after) &&
      !READS_ALL.test(before.replace(/\(\s*(?:this\.|[\w$]+\.)?$/, '')) &&
      !/\bof\s*$|\bin\s*$/.test(before) &&
      !/^\s*\)\s*\{/.test(after)
    )
      return true;
  }
  return false;
}
