declare module 'bullmq' {
  export class Queue<Data = unknown> {
    constructor(name: string);
    add(name: string, data: Data): Promise<{ id?: string }>;
  }
}
