import type { CatalogService } from './catalog-service.ts';

export async function postWatcher(catalogs: CatalogService, id: string, userId: string): Promise<void> {
  await catalogs.join(id, userId);
}
