// Idiom of github.com/vendure-ecommerce/vendure
import type { Pool } from 'pg';
import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn, type Repository } from 'typeorm';

declare const pool: Pool;

@Entity()
export class Shipment {
  @PrimaryGeneratedColumn()
  id: number;

  @OneToMany(() => Parcel, (parcel) => parcel.shipment)
  parcels: Parcel[];
}

@Entity()
export class Parcel {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Shipment, (shipment) => shipment.parcels)
  shipment: Shipment;
}

@Entity()
export class Scan {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  parcelId: number;
}

export class ScanService {
  private readonly depots = new Map<string, { id: number }>();

  constructor(
    private readonly parcels: Repository<Parcel>,
    private readonly scans: Repository<Scan>,
  ) {}

  /** What the schema says a shipment has many of. */
  async scansOf(shipment: Shipment): Promise<Scan[][]> {
    const found: Scan[][] = [];
    for (const parcel of shipment.parcels) {
      found.push(await this.scans.find({ where: { parcelId: parcel.id } }));
      //                          ^^^^ n-plus-one/query-in-loop medium "'find' queries 'Scan' once per element of 'shipment.parcels'"
    }
    return found;
  }

  /** Keys of such rows, in a request. */
  async areScanned(request: { date: string; entries: { parcelId: number }[] }): Promise<boolean> {
    for (const entry of request.entries) {
      const scan = await this.scans.find({ where: { parcelId: entry.parcelId } });
      //                            ^^^^ n-plus-one/query-in-loop medium "'find' queries 'Scan' once per element of 'request.entries'"
      if (scan.length === 0) console.log(request.date, entry);
    }
    return true;
  }

  /** What is below a request otherwise is what somebody put there. */
  async labelsFor(request: { date: string; labels: { text: string }[] }): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const label of request.labels) {
      found.push(await pool.query('SELECT * FROM stickers WHERE text = $1', [label.text]));
      //                    ^^^^^ n-plus-one/query-in-loop low "'stickers'"
    }
    return found;
  }

  /** A caller has read them. */
  async report(): Promise<unknown[]> {
    return this.addressesOf({ title: 'all', stops: await this.parcels.find() });
  }

  private async addressesOf(list: { title: string; stops: Parcel[] }): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const stop of list.stops) {
      found.push(await pool.query('SELECT * FROM addresses WHERE stop = $1', [stop.id]));
      //                    ^^^^^ n-plus-one/query-in-loop medium "'addresses'"
    }
    return found;
  }

  /** Filled along the way, and kept: once for each of them that there is. */
  async depotsOf(parcels: { depot: string }[]): Promise<number[]> {
    const ids: number[] = [];
    for (const { depot } of parcels) {
      let known = this.depots.get(depot);
      if (!known) {
        const { rows } = await pool.query('SELECT id FROM depots WHERE name = $1', [depot]);
        //                          ^^^^^ n-plus-one/query-in-loop low "'depots'"
        known = { id: rows[0].id };
        this.depots.set(depot, known);
        //          ^^^ throttling/cache-stampede low
      }
      ids.push(known.id);
    }
    return ids;
  }
}

export async function imagesIn(text: string): Promise<unknown[]> {
  const ids = Array.from(text.matchAll(/image\/(\d+)/g), ([, id]) => id);
  return Promise.all(ids.map((id) => pool.query('SELECT * FROM images WHERE id = $1', [id])));
  //                                      ^^^^^ n-plus-one/query-in-loop low "'images'"
}

export async function carriersOf(routesByCarrier: Record<string, string[]>): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const [carrierId, routeIds] of Object.entries(routesByCarrier)) {
    found.push(await pool.query('SELECT * FROM carriers WHERE id = $1', [carrierId]));
    //                    ^^^^^ n-plus-one/query-in-loop low "'carriers'"
    for (const routeId of routeIds) {
      found.push(await pool.query('SELECT * FROM routes WHERE id = $1', [routeId]));
      //                    ^^^^^ n-plus-one/query-in-loop low "'routes'"
    }
  }
  return found;
}

export async function priced(given: { id: number } | { id: number }[]): Promise<void> {
  if (Array.isArray(given)) {
    await Promise.all(given.map(({ id }) => pool.query('SELECT * FROM prices WHERE id = $1', [id])));
    //                                           ^^^^^ n-plus-one/query-in-loop low "'prices'"
  }
}

/** @deprecated `scansOf` reads them. */
export async function oldScans(parcels: { id: number }[]): Promise<void> {
  for (const { id } of parcels) {
    console.log(await pool.query('SELECT * FROM scans WHERE parcel_id = $1', [id]));
    //                     ^^^^^ n-plus-one/query-in-loop low "'scans'"
  }
}

export async function customs(parcels: { kind: string; declared: boolean; id: number }[]): Promise<void> {
  for (const { kind, declared, id } of parcels) {
    if (kind === 'foreign') {
      if (!declared) console.log(await pool.query('SELECT * FROM declarations WHERE parcel_id = $1', [id]));
      //                                    ^^^^^ n-plus-one/query-in-loop low "'declarations'"
    }
  }
}

async function track(ids: number[]): Promise<void> {
  console.log(await pool.query('SELECT * FROM positions WHERE id = ANY($1)', [ids]));
}

/** It could take all of them, and is given one at a time. */
export async function trackEach(ids: number[]): Promise<void> {
  for (const id of ids) {
    await track([id]);
    //    ^^^^^ n-plus-one/query-in-loop low "'positions'"
  }
}

export async function rebuildSearch(parcels: { id: number }[]): Promise<void> {
  for (const { id } of parcels) {
    console.log(await pool.query('SELECT * FROM words WHERE parcel_id = $1', [id]));
    //                     ^^^^^ n-plus-one/query-in-loop low "'words'"
  }
}

/** All there are, whoever waits for it. */
export async function rebuildWords(): Promise<void> {
  const parcels = await pool.query('SELECT id FROM parcels');
  for (const { id } of parcels.rows) {
    console.log(await pool.query('SELECT * FROM words WHERE parcel_id = $1', [id]));
    //                     ^^^^^ n-plus-one/query-in-loop "'words'"
  }
}

class AccountService {
  constructor(private readonly audit: (text: string) => void) {}

  async close(id: number): Promise<void> {
    this.audit(`closing ${id}`);
    for (const rule of [this.audit, console.log]) rule(String(id).padStart(8, '0'));
    await pool.query('DELETE FROM accounts WHERE id = $1', [id]);
    this.audit(String(Math.max(id, 1)));
    this.audit(`closed ${id}`);
  }
}

/** What closes one does more than the statement. */
export async function closeAll(service: AccountService, ids: number[]): Promise<void> {
  for (const id of ids) {
    await service.close(id);
    //            ^^^^^ n-plus-one/query-in-loop low "'accounts'"
  }
}
