// Idiom of github.com/vercel/nextjs-subscription-payments: rows of the admin client, errors in the result.
import { createClient } from '@supabase/supabase-js';

const supabaseAdmin = createClient('https://project.supabase.co', 'service-role');

export async function createOrRetrieveCustomer(uuid: string, email: string, createInStripe: (email: string) => Promise<string>) {
  const { data: known, error } = await supabaseAdmin.from('customers').select('*').eq('id', uuid).maybeSingle();
  //                                                                   ^^^^^^ related "Checked here."
  if (error) throw error;
  if (known) return known.stripe_customer_id;
  const customerId = await createInStripe(email);
  const { error: failed } = await supabaseAdmin.from('customers').insert({ id: uuid, stripe_customer_id: customerId });
  //                                                              ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  if (failed) throw failed;
  return customerId;
}

export async function claimInvite(token: string, userId: string) {
  const { data: invite } = await supabaseAdmin.from('invites').select('status').eq('token', token).single();
  //                                                           ^^^^^^ related "Checked here."
  if (invite.status !== 'pending') throw new Error('The invite is used up.');
  await supabaseAdmin.from('invites').update({ status: 'accepted', claimed_by: userId }).eq('token', token);
  //                                  ^^^^^^ toctou/db-check-then-act medium "'status' of 'invites'"
}

export async function claimOnce(token: string, userId: string) {
  const { data } = await supabaseAdmin
    .from('invites')
    .update({ status: 'accepted', claimed_by: userId }) // ok toctou/db-check-then-act: checked by the statement that writes
    .eq('token', token)
    .eq('status', 'pending')
    .select();
  if (data?.length === 0) throw new Error('The invite is used up.');
}

export async function upsertCustomer(uuid: string, customerId: string) {
  const { data: known } = await supabaseAdmin.from('customers').select('id').eq('id', uuid).maybeSingle();
  if (known) return;
  // ok toctou/db-check-then-act: a second one changes the first
  await supabaseAdmin.from('customers').upsert({ id: uuid, stripe_customer_id: customerId }, { onConflict: 'id' });
}

export async function addSubscription(uuid: string, priceId: string) {
  const { data: known } = await supabaseAdmin.from('customers').select('id').eq('id', uuid).maybeSingle();
  if (!known) throw new Error('There is no such customer.');
  // ok toctou/db-check-then-act: a row of another table
  const { error } = await supabaseAdmin.from('subscriptions').insert({ customer_id: uuid, price_id: priceId });
  if (error) throw error;
}
