// Idiom of github.com/vercel/nextjs-subscription-payments: one HTTP request for each statement, a function of the database for several.
import type { SupabaseClient } from '@supabase/supabase-js';

export async function setPermissions(supabase: SupabaseClient, roleId: string, names: string[]) {
  await supabase.from('role_permissions').delete().eq('role_id', roleId).throwOnError();
  await supabase.from('role_permissions').insert(names.map((name) => ({ role_id: roleId, name }))).throwOnError();
  //                                      ^^^^^^ race-condition/related-writes-without-transaction medium "'insert' writes anew what 'delete' has deleted from"
}

export async function setPermissionsTogether(supabase: SupabaseClient, roleId: string, names: string[]) {
  await supabase.rpc('set_permissions', { role_id: roleId, names }); // ok race-condition/related-writes-without-transaction: one call, one transaction of the database
}

export async function addPermission(supabase: SupabaseClient, roleId: string, name: string) {
  await supabase.from('role_permissions').upsert({ role_id: roleId, name }); // ok race-condition/related-writes-without-transaction: one statement
}

export async function see(supabase: SupabaseClient, roleId: string, userId: string) {
  await supabase.from('roles').update({ seen_at: new Date() }).eq('id', roleId);
  await supabase.from('users').update({ seen_at: new Date() }).eq('id', userId); // ok race-condition/related-writes-without-transaction: neither needs the other
}
