/** A Redis server of our own, and every command that a program's clients send to it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Redis as Client } from 'ioredis';
import type { Commands } from './commands.ts';
import { freePort } from './postgres.ts';
import { requireFromRoot } from './repository-root.ts';

export interface Redis {
  readonly client: Client;
  readonly stop: () => Promise<void>;
}

export function isRedisInstalled(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** Programs find the server through the environment. */
export async function startRedis(commands: Commands): Promise<Redis> {
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await ready(server);
  process.env['REDIS_URL'] = `redis://127.0.0.1:${port}`;
  const { Redis: Connection } = requireFromRoot('ioredis') as { Redis: typeof Client };
  const client = new Connection(port, '127.0.0.1');
  await client.ping();
  watch(Connection.prototype, commands);
  return {
    client,
    stop: async () => {
      client.disconnect();
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server ended:\n${output}`)));
    server.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
      if (/Ready to accept connections/.test(output)) resolve();
    });
  });
}

interface Command {
  readonly name: string;
  readonly args: readonly unknown[];
}

function watch(prototype: Client, commands: Commands): void {
  const { sendCommand: original } = prototype as { sendCommand: Client['sendCommand'] };
  prototype.sendCommand = function (command, stream) {
    const { name, args } = command as unknown as Command;
    return commands.pass([name, ...args].join(' '), () => original.call(this, command, stream) as Promise<unknown>);
  };
}
