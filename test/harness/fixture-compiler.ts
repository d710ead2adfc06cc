/**
 * One native compiler for many fixtures. They are one project for the compiler, which is what makes the suite fast,
 * and each is a project of its own for the engine: it sees the files of its case and no others.
 */

import type { Compiler, Project, Snapshot } from '../../server/src/typescript/compiler.ts';
import { createCompiler } from '../../server/src/typescript/native-compiler.ts';
import type { Fixture } from './fixture.ts';

export interface FixtureCompiler {
  /** What a session of the case takes for its compiler. */
  readonly view: (fixture: Fixture) => Compiler;
  readonly close: () => void;
}

export function createFixtureCompiler(folder: string, fixtures: readonly Fixture[]): FixtureCompiler {
  const compiler = createCompiler();
  const files = fixtures.filter((fixture) => !fixture.ownProject).flatMap((fixture) => fixture.files);
  let snapshot = compiler.open({ roots: [folder], files, configs: [`${folder}/tsconfig.json`] });
  return {
    view: (fixture) => ({
      open: () => narrow(snapshot, fixture),
      update(changes) {
        snapshot = compiler.update(changes);
        return narrow(snapshot, fixture);
      },
      release: (project) => compiler.release(project),
      get processId() {
        return compiler.processId;
      },
      close: () => undefined,
    }),
    close: () => compiler.close(),
  };
}

function narrow(snapshot: Snapshot, fixture: Fixture): Snapshot {
  const originals = new Map<Project, Project>();
  const projects = snapshot.projects.flatMap((project) => {
    const files = project.files.filter((path) => fixture.files.includes(path));
    if (files.length === 0) return [];
    const narrowed = { ...project, files };
    originals.set(narrowed, project);
    return [narrowed];
  });
  const whole = (project: Project): Project => originals.get(project) ?? project;
  return {
    projects,
    environment: snapshot.environment,
    problems: snapshot.problems.filter(({ path }) => fixture.files.includes(path)),
    syntax: (project, path) => snapshot.syntax(whole(project), path),
    read: (project, paths, ask) => snapshot.read(whole(project), paths, ask),
    symbols: (project, path, positions) => snapshot.symbols(whole(project), path, positions),
    types: (project, path, spans) => snapshot.types(whole(project), path, spans),
    expectTypes: (project, path, spans) => snapshot.expectTypes(whole(project), path, spans),
    signatures: (project, path, spans) => snapshot.signatures(whole(project), path, spans),
    diagnostics: (project, path) => snapshot.diagnostics(whole(project), path),
  };
}
