// Idiom of github.com/tyyin98/resumeMatch: credits read and written through PostgREST, errors in the result.
import { createClient } from '@supabase/supabase-js';

const supabase = createClient('https://project.supabase.co', 'key');

export async function useCredits(userId: string, amount: number) {
  const { data, error } = await supabase.from('usage').select('credits_left').eq('user_id', userId).single();
  //                                                   ^^^^^^ related "Read here."
  if (error || data.credits_left < amount) throw new Error('Out of credits.');
  const updated = await supabase.from('usage').update({ credits_left: data.credits_left - amount }).eq('credits_left', data.credits_left).eq('user_id', userId).select();
  if (!updated.data?.length) throw new Error('The row has changed in the meantime');
  //                           ^^^^^^ race-condition/lost-update high "'credits_left' of 'usage'"
}

export async function topUp(userId: string, amount: number) {
  const { data: usage } = await supabase.from('usage').select('*').eq('user_id', userId).maybeSingle();
  //                                                   ^^^^^^ related "Read here."
  const credits = (usage?.credits_left ?? 0) + amount;
  const { error } = await supabase.from('usage').update({ credits_left: credits }).eq('user_id', userId);
  //                                             ^^^^^^ race-condition/lost-update high "'credits_left' of 'usage'"
  if (error) throw error;
}

export async function useInDatabase(userId: string, amount: number) {
  const { data, error } = await supabase.rpc('decrement_credits', { user_id: userId, amount }); // ok race-condition/lost-update: a function of the database
  if (error) throw error;
  return data as number;
}

export async function useUnchanged(userId: string, amount: number) {
  const { data } = await supabase.from('usage').select('credits_left').eq('user_id', userId).single();
  const { data: changed } = await supabase
    .from('usage')
    .update({ credits_left: data.credits_left - amount }) // ok race-condition/lost-update: written only while the value is the one that was read
    .eq('user_id', userId)
    .eq('credits_left', data.credits_left)
    .select();
  if (changed?.length === 0) throw new Error('Used by somebody else.');
}

export async function setPlan(userId: string, plan: string) {
  const { data } = await supabase.from('usage').select('plan').eq('user_id', userId).single();
  if (data.plan === plan) return;
  await supabase.from('usage').update({ plan }).eq('user_id', userId); // ok race-condition/lost-update: not computed from what was read
}
