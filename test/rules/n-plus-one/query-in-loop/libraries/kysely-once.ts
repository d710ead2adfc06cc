// Idiom of github.com/immich-app/immich
import type { Kysely } from 'kysely';

interface Tables {
  face: { id: string; personId: string; source: string };
}
declare function chunks<T>(list: readonly T[], size: number): T[][];

export async function facesByPerson(db: Kysely<Tables>, people: { id: string }[]) {
  const personIds = people.map((person) => person.id);
  const faces = await db.selectFrom('face').selectAll().where('personId', 'in', personIds).execute();
  return people.map((person) => ({
    // ok n-plus-one/query-in-loop: looked up among what one query gave
    faces: faces.filter((face) => face.personId === person.id),
    person,
  }));
}

export async function facesOf(db: Kysely<Tables>, personIds: string[]) {
  const found: Tables['face'][] = [];
  for (const batch of chunks(personIds, 1000)) {
    // ok n-plus-one/query-in-loop: one query for a thousand
    found.push(...(await db.selectFrom('face').selectAll().where('personId', 'in', batch).execute()));
  }
  return found;
}

export async function firstFace(db: Kysely<Tables>, personId: string) {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    // ok n-plus-one/query-in-loop: tried again until it is there
    const face = await db.selectFrom('face').selectAll().where('personId', '=', personId).executeTakeFirst();
    if (face !== undefined) return face;
  }
  return undefined;
}
