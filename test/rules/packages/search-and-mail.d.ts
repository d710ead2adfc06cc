declare module '@elastic/elasticsearch' {
  export class Client {
    constructor(options: { node: string });
    index(request: { index: string; id: string; document: object }): Promise<{ result: string }>;
    update(request: { index: string; id: string; doc: object }): Promise<{ result: string }>;
    delete(request: { index: string; id: string }): Promise<{ result: string }>;
    bulk(request: { operations: object[]; refresh?: boolean }): Promise<{ errors: boolean }>;
    search(request: { index: string; query: object }): Promise<{ hits: { hits: { _id: string }[] } }>;
  }
}
declare module 'algoliasearch' {
  export interface SearchClient {
    saveObject(request: { indexName: string; body: Record<string, unknown> }): Promise<{ taskID: number }>;
    saveObjects(request: { indexName: string; objects: Record<string, unknown>[] }): Promise<{ taskID: number }[]>;
    deleteObject(request: { indexName: string; objectID: string }): Promise<{ taskID: number }>;
  }
  export interface Algoliasearch extends SearchClient {}
  export function algoliasearch(appId: string, apiKey: string): Algoliasearch;
}
declare module 'meilisearch' {
  export class Index<T> {
    addDocuments(documents: T[]): Promise<{ taskUid: number }>;
    updateDocuments(documents: Partial<T>[]): Promise<{ taskUid: number }>;
    deleteDocument(id: string): Promise<{ taskUid: number }>;
    search(query: string): Promise<{ hits: T[] }>;
  }
  export class Meilisearch {
    constructor(config: { host: string });
    index<T>(name: string): Index<T>;
  }
}
declare module 'nodemailer' {
  export class Mail {
    sendMail(message: { to: string; subject: string; text?: string; html?: string }): Promise<{ messageId: string }>;
  }
  export function createTransport(url: string): Mail;
}
declare module 'resend' {
  export class Emails {
    send(
      message: { from: string; to: string; subject: string; html: string },
      options?: { idempotencyKey?: string },
    ): Promise<{ data: { id: string } | null; error: { message: string } | null }>;
  }
  export class Resend {
    constructor(key: string);
    readonly emails: Emails;
  }
}
declare module '@sendgrid/mail' {
  export class MailService {
    setApiKey(key: string): void;
    send(message: { from: string; to: string; subject: string; html: string }): Promise<unknown>;
  }
  const mail: MailService;
  export default mail;
}
