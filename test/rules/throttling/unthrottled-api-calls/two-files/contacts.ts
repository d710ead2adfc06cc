// Idiom of github.com/yurypaleev/BaseCRM: resources over one client of a CRM.
import { CrmClient } from './crm-client.ts';

export class Contacts {
  constructor(private readonly crm: CrmClient) {}

  async rename(id: string, name: string): Promise<void> {
    await this.crm.update(id, name);
  }

  async renameAll(names: Map<string, string>): Promise<void> {
    for (const [id, name] of names) {
      await this.rename(id, name);
      //         ^^^^^^ throttling/unthrottled-api-calls medium "'rename' (through 'put')"
    }
  }

  async both(): Promise<void> {
    for (const id of ['me', 'you']) await this.rename(id, id); // ok throttling/unthrottled-api-calls: two of them
  }
}
