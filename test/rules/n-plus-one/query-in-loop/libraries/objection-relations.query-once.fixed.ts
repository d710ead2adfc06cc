// Idiom of github.com/argos-ci/argos: getters that map a model's relations, rows handed to functions with their relations.
import { Model } from 'objection';

declare module 'objection' {
  namespace Model {
    const HasManyRelation: object;
    const BelongsToOneRelation: object;
  }
}

class Snapshot extends Model {
  static override tableName = 'snapshots';
  id!: number;
  fileId!: number;
}
class Archive extends Model {
  static override tableName = 'archives';
  id!: number;
}
class Capture extends Model {
  static override tableName = 'captures';
  static get relationMappings() {
    const from = 'captures.id';
    return {
      snapshots: { relation: Model.HasManyRelation, modelClass: Snapshot, join: { from, to: 'snapshots.captureId' } },
      archive: { relation: Model.BelongsToOneRelation, modelClass: Archive, join: { from: 'captures.archiveId', to: 'archives.id' } },
    };
  }
  id!: number;
  snapshots?: Snapshot[];
  labels?: { id: number }[];
}

export async function archivesOf(capture: Capture) {
  const found = [];
  const archiveIds = Array.from(capture.snapshots ?? [], (snapshot) => snapshot.fileId);
  const archives = await Archive.query().findByIds(archiveIds);
  const archivesById = new Map(archives.map((archive) => [String(archive.id), archive]));
  for (const snapshot of capture.snapshots ?? []) {
//^^^ related "Repeated for each element of 'capture.snapshots ?? []'."
    found.push(archivesById.get(String(snapshot.fileId)));
    //                               ^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
  }
  return found;
}

/** What no relation says, somebody may have put there by hand. */
export async function archivesOfLabels(capture: Capture) {
  const found = [];
  for (const label of capture.labels ?? []) {
//^^^ related "Repeated for each element of 'capture.labels ?? []'."
    found.push(await Archive.query().findById(label.id));
    //                               ^^^^^^^^ n-plus-one/query-in-loop low "once per element"
  }
  return found;
}

export async function archivesAtOnce(capture: Capture) {
  return Archive.query().findByIds((capture.snapshots ?? []).map(({ fileId }) => fileId)); // ok n-plus-one/query-in-loop: one query for all
}

export async function newest(capture: Capture) {
  for (const snapshot of (capture.snapshots ?? []).slice(0, 2)) {
    console.log(await Archive.query().findById(snapshot.fileId)); // ok n-plus-one/query-in-loop: two at most
  }
}

export async function firstArchive(capture: Capture) {
  for (const snapshot of capture.snapshots ?? []) {
    if (snapshot.fileId > 0) return Archive.query().findById(snapshot.fileId); // ok n-plus-one/query-in-loop: the function ends after it
  }
  return undefined;
}
