declare module 'bullmq' {
  export class Queue<Data = unknown> {
    constructor(name: string);
    add(name: string, data: Data, options?: { jobId?: string; delay?: number }): Promise<{ id?: string }>;
  }
  export class Worker {
    constructor(name: string, processor: (job: { id: string; data: Record<string, string> }) => Promise<void>);
  }
}
declare module 'meilisearch' {
  export class Index<T> {
    addDocuments(documents: T[]): Promise<{ taskUid: number }>;
    deleteDocument(id: string): Promise<{ taskUid: number }>;
  }
  export class Meilisearch {
    constructor(config: { host: string });
    index<T>(name: string): Index<T>;
  }
}
declare module 'nodemailer' {
  export class Mail {
    sendMail(message: { to: string; subject: string; text: string }): Promise<{ messageId: string }>;
  }
  export function createTransport(url: string): Mail;
}
