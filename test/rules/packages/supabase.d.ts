declare module '@supabase/postgrest-js' {
  export interface PostgrestError {
    message: string;
    code: string;
  }
  export interface Response<T> {
    data: T | null;
    error: PostgrestError | null;
    count: number | null;
  }
  export class PostgrestBuilder<T> implements PromiseLike<Response<T>> {
    then<A, B>(done?: (value: Response<T>) => A | PromiseLike<A>, failed?: (reason: unknown) => B): Promise<A | B>;
    throwOnError(): this;
  }
  export class PostgrestTransformBuilder<T> extends PostgrestBuilder<T> {
    select(columns?: string): PostgrestTransformBuilder<any[]>;
    single(): PostgrestBuilder<any>;
    maybeSingle(): PostgrestBuilder<any>;
    limit(count: number): this;
    order(column: string, options?: object): this;
    range(from: number, to: number): this;
  }
  export class PostgrestFilterBuilder<T> extends PostgrestTransformBuilder<T> {
    eq(column: string, value: unknown): this;
    neq(column: string, value: unknown): this;
    not(column: string, operator: string, value: unknown): this;
    gte(column: string, value: unknown): this;
    gt(column: string, value: unknown): this;
    lt(column: string, value: unknown): this;
    is(column: string, value: null | boolean): this;
    in(column: string, values: readonly unknown[]): this;
  }
  export class PostgrestQueryBuilder {
    select(columns?: string, options?: { count?: 'exact'; head?: boolean }): PostgrestFilterBuilder<any[]>;
    insert(values: object): PostgrestFilterBuilder<null>;
    upsert(values: object, options?: { onConflict?: string; ignoreDuplicates?: boolean }): PostgrestFilterBuilder<null>;
    update(values: object): PostgrestFilterBuilder<null>;
    delete(): PostgrestFilterBuilder<null>;
  }
}
declare module '@supabase/supabase-js' {
  import type { PostgrestFilterBuilder, PostgrestQueryBuilder } from '@supabase/postgrest-js';
  export class SupabaseClient {
    from(table: string): PostgrestQueryBuilder;
    rpc(name: string, parameters?: object): PostgrestFilterBuilder<any>;
  }
  export function createClient(url: string, key: string): SupabaseClient;
}
