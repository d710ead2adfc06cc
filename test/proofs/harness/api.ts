/** Somebody else's service: an HTTP server on loopback that a program reaches under any outside address. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Barrier } from './barrier.ts';
import type { VirtualClock } from './virtual-clock.ts';

export class Api {
  /** When each call was made, on the program's clock. */
  readonly calls: number[] = [];
  mostAtOnce = 0;
  /** The first calls fail: with a status, or without an answer. */
  failures: { readonly count: number; readonly how: 'status' | 'broken' } = { count: 0, how: 'status' };
  /** Holds every answer back until so many calls are open. */
  barrier: Barrier | undefined;
  private readonly server: Server;
  private readonly clock: VirtualClock;
  private listening: Promise<void> | undefined;
  private open = 0;
  private received = 0;

  constructor(clock: VirtualClock) {
    this.clock = clock;
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.received += 1;
    this.open += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.open);
    const fails = this.received <= this.failures.count;
    await this.barrier?.arrive();
    this.open -= 1;
    if (fails && this.failures.how === 'broken') {
      request.socket.destroy();
      return;
    }
    response.writeHead(fails ? 503 : 200, { 'content-type': 'application/json' });
    response.end('{"price":7}');
  }

  /** A program's `fetch`. */
  readonly fetch = async (input: string | URL, options?: RequestInit): Promise<Response> => {
    this.calls.push(this.clock.now);
    this.listening ??= new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    await this.listening;
    const { pathname, search } = new URL(input);
    const { port } = this.server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, options);
  };

  /** The most calls in any second. */
  get busiestSecond(): number {
    return Math.max(0, ...this.calls.map((from) => this.calls.filter((at) => at >= from && at < from + 1000).length));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
