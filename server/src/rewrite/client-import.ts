/** How a file names the client that another file uses, and the type of a transaction's. */
import { posix } from 'node:path';
import type { ProgramFacts } from '../analysis/program.ts';
import type { Edit } from '../rule.ts';
import type { ImportNode, SourceFile } from '../typescript/syntax.ts';
import { ensureImport, ensureTypeImport, importedNames } from './source-edit.ts';

/** What the file lacks to name the client as the other does; undefined when it cannot. */
export function importOfClient(file: SourceFile, own: SourceFile, client: string): readonly Edit[] | undefined {
  if (file === own) return [];
  const [root = client, member = ''] = client.split('.');
  if (root === 'this') return hasProperty(file, member) ? [] : undefined;
  if (file.variables.some((variable) => variable.fn === 0 && variable.name === root)) return [];
  for (const { module, typeOnly, bindings } of own.imports) {
    const binding = typeOnly ? undefined : bindings.find(({ variable }) => own.variables[variable]?.name === root);
    if (binding === undefined) continue;
    const imported = ensureImport(
      file,
      module.startsWith('.') ? moved(module, own, file) : module,
      binding.imported,
      root,
    );
    return imported.name === root ? imported.edits : undefined;
  }
  return undefined;
}

/** `this.prisma`: a class of the file has one too. */
function hasProperty({ classes, functions, variables }: SourceFile, name: string): boolean {
  return (
    classes.some(({ properties }) => properties.some((property) => property.name === name)) ||
    functions.some(({ parameters }) =>
      parameters.some(
        ({ property, pattern }) =>
          property && pattern.kind === 'variable' && variables[pattern.variable]?.name === name,
      ),
    )
  );
}

/** `Prisma.TransactionClient` as the file would write it, where the project uses that type. */
export function prismaClientType(file: SourceFile, program: ProgramFacts): NamedType | undefined {
  if (bindsPrisma(file) !== undefined)
    return mentionsType(file) || usesType(program) ? { text: TYPE, imports: [] } : undefined;
  const other = usesType(program);
  const module = other && bindsPrisma(other);
  if (other === undefined || module === undefined) return undefined;
  const imported = ensureTypeImport(file, module.startsWith('.') ? moved(module, other, file) : module, 'Prisma');
  return imported?.name === 'Prisma' ? { text: TYPE, imports: imported.edits } : undefined;
}

export interface NamedType {
  readonly text: string;
  readonly imports: readonly Edit[];
}

const TYPE = 'Prisma.TransactionClient';

function usesType({ files }: ProgramFacts): SourceFile | undefined {
  return files.find((file) => mentionsType(file) && bindsPrisma(file) !== undefined);
}

function mentionsType(file: SourceFile): boolean {
  return file.text.includes(TYPE);
}

/** The module that the file has the name `Prisma` from. */
function bindsPrisma(file: SourceFile): string | undefined {
  const isPrisma = (node: ImportNode): boolean =>
    importedNames(file, node).some(({ imported, local }) => imported === 'Prisma' && local === 'Prisma');
  return file.imports.find(isPrisma)?.module;
}

/** A relative specifier as another file writes it. */
function moved(module: string, from: SourceFile, to: SourceFile): string {
  const target = posix.relative(posix.dirname(to.path), posix.join(posix.dirname(from.path), module));
  return target.startsWith('.') ? target : `./${target}`;
}
