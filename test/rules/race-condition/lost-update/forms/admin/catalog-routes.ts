import type { CatalogService } from '../catalog-service.ts';

export async function putCurrency(catalogs: CatalogService, id: string, currency: string): Promise<void> {
  await catalogs.addCurrency(id, currency);
}

export async function putAmount(catalogs: CatalogService, id: string, amount: number): Promise<void> {
  await catalogs.restock(id, amount);
}
