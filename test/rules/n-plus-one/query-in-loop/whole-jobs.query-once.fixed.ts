// Idiom of github.com/vendure-ecommerce/vendure: ids given to a resolver, each of them one whole job of a service.
import { Column, Entity, type EntityManager, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

@Entity()
export class Parcel {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() orderId!: string;
  @Column() weight!: number;
  @Column({ default: false }) sent!: boolean;
}

@Entity()
export class Label {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() parcelId!: string;
}

async function cancelParcel(manager: EntityManager, id: string): Promise<void> {
  const parcel = await manager.findOneByOrFail(Parcel, { id });
  await manager.delete(Label, { parcelId: parcel.id });
  await manager.remove(parcel);
}

export async function cancelParcels(manager: EntityManager, ids: string[]) {
  for (const id of ids) {
    await cancelParcel(manager, id);
    //    ^^^^^^^^^^^^ n-plus-one/query-in-loop low "once per element of 'ids', up to 3 statements each time"
  }
}

export async function firstTooHeavy(parcels: Repository<Parcel>, orderIds: string[], heavy: Set<string>) {
  for (const orderId of orderIds) {
    if (heavy.has(orderId)) {
      const parcel = await parcels.findOneBy({ orderId }); // ok n-plus-one/query-in-loop: the function ends after it
      return { orderId, weight: parcel?.weight };
    }
  }
  return undefined;
}

export async function weights(parcels: Repository<Parcel>, labels: Repository<Label>, orderIds: string[]) {
  const found = [];
  for (const orderId of orderIds) {
    const parcel = await parcels.findOneBy({ orderId });
    //                           ^^^^^^^^^ n-plus-one/query-in-loop medium "'findOneBy' queries 'Parcel' once per element of 'orderIds', up to 2 statements each time"
    const count = await labels.countBy({ parcelId: parcel?.id });
    //                         ^^^^^^^ related "is run for each element as well"
    found.push({ orderId, weight: parcel?.weight, count });
  }
  return found;
}

export async function importParcels(parcels: Repository<Parcel>, rows: { orderId: string; weight: number }[]) {
  for (const row of rows) {
    const known = await parcels.findOneBy({ orderId: row.orderId });
    //                          ^^^^^^^^^ n-plus-one/query-in-loop low "queries 'Parcel'"
    if (known !== null && known.weight !== row.weight) throw new Error(`${row.orderId} is there`);
  }
}

export async function texts(labels: Repository<Label>, availableLanguageCodes: string[]) {
  const found = [];
  const labelRows = await labels.findBy({ parcelId: In(availableLanguageCodes) });
  const labelsByParcelId = new Map<(typeof labelRows)[number]['parcelId'], typeof labelRows>();
  for (const label of labelRows) {
    const same = labelsByParcelId.get(label.parcelId);
    if (same === undefined) labelsByParcelId.set(label.parcelId, [label]);
    else same.push(label);
  }
  for (const languageCode of availableLanguageCodes) {
    found.push(labelsByParcelId.get(languageCode) ?? []);
    //                      ^^^^^^ n-plus-one/query-in-loop low "queries 'Label'"
  }
  return found;
}

export async function withWeightOf(parcels: Repository<Parcel>, list: { id: string; weight?: number }[], id: string) {
  return Promise.all(
    list.map(async (entry) => {
      if (entry.id === id) {
        const parcel = await parcels.findOneBy({ id });
        //                           ^^^^^^^^^ n-plus-one/query-in-loop low "queries 'Parcel'"
        entry.weight = parcel?.weight;
      }
      return entry;
    }),
  );
}

export async function sendAll(parcels: Repository<Parcel>, list: Parcel[]) {
  let sent = 0;
  for (const parcel of list) {
    const result = await parcels.update({ id: parcel.id, sent: false }, { sent: true });
    //                           ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Parcel'"
    if (result.affected === 1) sent += 1;
  }
  return sent;
}
