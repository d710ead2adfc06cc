/** The shop's database: what a thin layer over a driver looks like. */
export interface Transaction {
  query(sql: string, parameters?: unknown[]): Promise<Row[]>;
}

export interface Database extends Transaction {
  transaction<T>(work: (trx: Transaction) => Promise<T>): Promise<T>;
}

export interface Row {
  [column: string]: any;
}

export declare const db: Database;
