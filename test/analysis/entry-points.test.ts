/**
 * Which functions the outside world may run twice at once, by framework: each file registers one handler that calls
 * `save…`, and what only start-up code, or nobody, calls is no entry.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { analyse } from './facts-of.ts';

const SAVE = (
  name: string,
): string => `async function ${name}(id: string) { await db.query('UPDATE t SET n = 1 WHERE id = $1', [id]); }
declare const db: any;`;

const FILES: Readonly<Record<string, string>> = {
  'express.ts': `${SAVE('saveExpress')}
    declare const router: any; declare const asyncHandler: any;
    router.post('/a', asyncHandler(async (req: any) => { await saveExpress(req.id); }));`,
  'controller.ts': `${SAVE('saveController')}
    export class Controller {
      constructor(private readonly route: any) { this.route({ method: 'post', path: '/a', handler: this.create }); }
      async create(req: any) { await saveController(req.id); }
    }`,
  'middleware.ts': `${SAVE('saveMiddleware')}
    declare const app: any;
    function auth() { return async (ctx: any, next: any) => { await saveMiddleware(ctx.id); await next(); }; }
    app.get('/a', auth(), () => undefined);`,
  'fastify.ts': `${SAVE('saveFastify')}
    declare const fastify: any;
    fastify.route({ method: 'POST', url: '/a', handler: async (request: any) => saveFastify(request.id) });`,
  'hono.ts': `${SAVE('saveHono')} declare const app: any; app.put('/a', async (c: any) => { await saveHono(c.id); });`,
  'nest.ts': `${SAVE('saveNest')} ${SAVE('saveGuard').replace('declare const db: any;', '')}
    declare function Post(): MethodDecorator; declare interface CanActivate {}
    export class Controller { @Post() async create(id: string) { await saveNest(id); } }
    export class TokenGuard implements CanActivate { async canActivate(context: any) { await saveGuard(context.id); return true; } }`,
  'app/orders/route.ts': `${SAVE('saveRoute')} export async function POST(request: any) { await saveRoute(request.id); }`,
  'app/api/webhooks/stripe/route.ts': `${SAVE('saveWebhook')} export const POST = async (request: any) => { await saveWebhook(request.id); };`,
  'actions.ts': `'use server';\n${SAVE('saveAction')} export async function rename(id: string) { await saveAction(id); }`,
  'safe-action.ts': `${SAVE('saveSafeAction')} declare const client: any;
    export const rename = client.inputSchema({}).action(async ({ parsedInput }: any) => { await saveSafeAction(parsedInput.id); });`,
  'trpc.ts': `${SAVE('saveTrpc')} declare const procedure: any;
    export const rename = procedure.input({}).mutation(async ({ input }: any) => { await saveTrpc(input.id); });`,
  'resolvers.ts': `${SAVE('saveResolver')}
    export const resolvers = { Mutation: { rename: async (_: unknown, { id }: any) => { await saveResolver(id); } } };`,
  'lambda.ts': `${SAVE('saveLambda')} export const handler = async (event: any) => { await saveLambda(event.id); };`,
  'bullmq.ts': `${SAVE('saveJob')} declare const Worker: any; new Worker('jobs', async (job: any) => { await saveJob(job.id); });`,
  'processor.ts': `${SAVE('saveProcessor')} declare class WorkerHost {}
    export class Mails extends WorkerHost { async process(job: any) { await saveProcessor(job.id); } }`,
  'amqp.ts': `${SAVE('saveMessage')} declare const channel: any; channel.consume('q', async (message: any) => { await saveMessage(message.id); });`,
  'kafka.ts': `${SAVE('saveEvent')} declare const consumer: any;
    export async function start() { await consumer.run({ eachMessage: async ({ message }: any) => { await saveEvent(message.id); } }); }`,
  'cron.ts': `${SAVE('saveCron')} declare const cron: any; cron.schedule('* * * * *', async () => { await saveCron('1'); });`,
  'bound.ts': `${SAVE('saveBound')} declare const scheduler: any;
    export class Sweeper { async sweepOnce() { await saveBound('1'); } }
    export function schedule(sweeper: any) { scheduler.schedule(sweeper.sweepOnce.bind(sweeper), 1000); }`,
  'deep.ts': `${SAVE('saveDeep')} declare const router: any; declare const prisma: any;
    class Service {
      async rename(id: string) { await prisma.$transaction(async () => { await saveDeep(id); }); void background.run(async () => saveDeep(id)); }
    }
    declare const background: any;
    const service = new Service();
    router.patch('/a', async (req: any) => { await service.rename(req.id); });`,
  'start.ts': `${SAVE('saveStart')} class Module { async onModuleInit() { await saveStart('1'); } } export const module = new Module();`,
  'nobody.ts': `${SAVE('saveNobody')} export async function rename(id: string) { await saveNobody(id); }`,
  'scripts/fix.ts': `${SAVE('saveScript')} declare const app: any; app.post('/a', async () => { await saveScript('1'); });`,
};

let program: ProgramFacts;
before(() => {
  program = analyse({ files: FILES });
});

/** Kinds of the entries that reach a function; undefined when it was not looked at. */
function entriesOf(name: string): string[] | undefined {
  const found = program.functions.find(({ fn }) => fn.qualifiedName === name && program.roleOf(fn.path) === 'source');
  return found?.entries.map(({ kind }) => kind).filter((kind) => kind !== 'exported');
}

const EXPECTED: Readonly<Record<string, readonly string[] | undefined>> = {
  saveExpress: ['http'],
  saveController: ['http'],
  saveMiddleware: ['http'],
  saveFastify: ['http'],
  saveHono: ['http'],
  saveNest: ['http'],
  saveGuard: ['http'],
  saveRoute: ['http'],
  saveWebhook: ['webhook'],
  saveAction: ['http'],
  saveSafeAction: ['rpc'],
  saveTrpc: ['graphql'],
  saveResolver: ['graphql'],
  saveLambda: ['http'],
  saveJob: ['queue'],
  saveProcessor: ['queue'],
  saveMessage: ['queue'],
  saveEvent: ['queue'],
  saveCron: ['cron'],
  saveBound: ['cron'],
  saveDeep: ['http'],
  saveStart: [],
  saveNobody: [],
  saveScript: undefined,
};

for (const [name, kinds] of Object.entries(EXPECTED)) {
  test(`${name}: ${kinds === undefined ? 'not looked at' : kinds.length === 0 ? 'no entry' : kinds.join(', ')}`, () => {
    assert.deepEqual(entriesOf(name), kinds);
  });
}

test('a closure in a function that an entry reaches is reached as well', () => {
  const closures = program.functions.filter(
    ({ fn }) => fn.path.endsWith('/deep.ts') && fn.qualifiedName.startsWith('Service.rename.'),
  );
  assert.equal(closures.length, 1);
  assert.deepEqual(
    closures[0]?.entries.map(({ kind }) => kind),
    ['http'],
  );
});
