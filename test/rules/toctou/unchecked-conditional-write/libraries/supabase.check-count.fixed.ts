// Idiom of github.com/vercel/nextjs-subscription-payments: an error in the result says that the statement failed, not that it found no row.
import { createClient } from '@supabase/supabase-js';

const supabase = createClient('https://project.supabase.co', 'service-role');

export async function accept(id: string, userId: string) {
  const { error } = await supabase.from('invites').update({ status: 'accepted' }).eq('id', id).eq('status', 'pending');
  //                                               ^^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
  if (error) throw error;
  await supabase.from('memberships').insert({ invite_id: id, user_id: userId });
  //                                 ^^^^^^ related "Happens whether the row was changed or not."
}

export async function acceptSelected(id: string, userId: string) {
  // ok toctou/unchecked-conditional-write: the returned rows are looked at
  const { data } = await supabase.from('invites').update({ status: 'accepted' }).eq('id', id).eq('status', 'pending').select();
  if (!data || data.length === 0) throw new Error('The invite is used up.');
  await supabase.from('memberships').insert({ invite_id: id, user_id: userId });
}

export async function acceptSingle(id: string, userId: string) {
  // ok toctou/unchecked-conditional-write: `single` makes none an error
  const { error } = await supabase.from('invites').update({ status: 'accepted' }).eq('id', id).eq('status', 'pending').select().single();
  if (error) throw error;
  await supabase.from('memberships').insert({ invite_id: id, user_id: userId });
}

export async function expire() {
  await supabase.from('invites').update({ status: 'expired' }).eq('status', 'pending').lt('valid_until', 'now'); // ok toctou/unchecked-conditional-write: there may be none
}

export async function claim(id: string, userId: string) {
  const updated = await supabase.from('memberships').update({ claimed_by: userId }).eq('id', id).is('claimed_by', null).select();
  if (!updated.data?.length) throw new Error('The row has changed in the meantime');
  //                                 ^^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
  await supabase.from('claims').insert({ membership_id: id, user_id: userId });
  //                            ^^^^^^ related "Happens whether the row was changed or not."
}
