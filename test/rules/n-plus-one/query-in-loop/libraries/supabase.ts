// Idiom of github.com/vercel/nextjs-subscription-payments: one HTTP request for each statement.
import { createClient } from '@supabase/supabase-js';

const supabase = createClient('https://project.supabase.co', 'service-role');

export async function upsertPrices(prices: { id: string; amount: number }[]) {
  for (const price of prices) {
//^^^ related "Repeated for each element of 'prices'."
    const { error } = await supabase.from('prices').upsert({ id: price.id, unit_amount: price.amount });
    //                                              ^^^^^^ n-plus-one/query-in-loop low "once per element"
    if (error) throw error;
  }
}

export async function ownersOf(projects: { owner_id: string }[]) {
  return Promise.all(
    projects.map(async ({ owner_id }) => {
    //       ^^^ related "Repeated for each element of 'projects'."
      const { data } = await supabase.from('profiles').select('*').eq('id', owner_id).single();
      //                                               ^^^^^^ n-plus-one/query-in-loop medium "once per element"
      return data;
    }),
  );
}

export async function upsertPricesAtOnce(prices: { id: string; amount: number }[]) {
  await supabase.from('prices').upsert(prices.map(({ id, amount }) => ({ id, unit_amount: amount }))); // ok n-plus-one/query-in-loop: one request for all rows
}

export async function ownersAtOnce(projects: { owner_id: string }[]) {
  const ids = projects.map(({ owner_id }) => owner_id);
  const { data } = await supabase.from('profiles').select('*').in('id', ids); // ok n-plus-one/query-in-loop: one request for all
  return data;
}

export async function allPrices(size: number) {
  const rows = [];
  for (let from = 0; ; from += size) {
    const { data } = await supabase.from('prices').select('*').range(from, from + size - 1); // ok n-plus-one/query-in-loop: page by page
    if (!data || data.length === 0) return rows;
    rows.push(...data);
  }
}
