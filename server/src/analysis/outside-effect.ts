/**
 * Effects outside the database that a rollback does not take back: what they are, whether they change anything there,
 * and whether losing one matters. Errs towards "may be lost": mail, chat, analytics, logs and signals to a screen are
 * notices, whatever carries them (fixtures: test/rules/double-write/dual-write/notices).
 */
import type { Operation } from './fact.ts';
import type { DatabaseOperation } from './protection.ts';
import { plainTable } from './schema.ts';
import { type Value, walkValue } from './value.ts';

type OutsideKind = 'job' | 'message' | 'mail' | 'search index' | 'payment' | 'file' | 'request' | 'cache';

export interface OutsideEffect {
  readonly kind: OutsideKind;
  /** It changes something on the other side; otherwise it only asks. */
  readonly changes: boolean;
  /** It takes something away there that nothing refers to any more: an orphan at worst. */
  readonly removes: boolean;
  /** Somebody is told; nothing relies on it. */
  readonly notice: boolean;
  /** What is sent: values the other side works with. */
  readonly payload: readonly Value[];
  /** Name of the job, topic or command, where it is known. */
  readonly label: string | undefined;
}

const known = new WeakMap<Operation, OutsideEffect | null>();

/** Undefined for what stays in this process or has no effect on the other side worth a thought. */
export function outsideEffectOf(operation: Operation): OutsideEffect | undefined {
  const { kind } = operation.effect;
  if (kind !== 'publish' && kind !== 'request' && kind !== 'cache') return undefined;
  const cached = known.get(operation);
  if (cached !== undefined) return cached ?? undefined;
  const found = classify(operation);
  known.set(operation, found ?? null);
  return found;
}

function classify(operation: Operation): OutsideEffect | undefined {
  const { effect } = operation;
  switch (effect.kind) {
    case 'publish': {
      // Redis keeps no message for who is not listening: a signal.
      if (effect.medium === 'bus' && /redis/i.test(operation.model)) return undefined;
      const payload = [effect.topic, effect.payload].filter((value) => value !== undefined);
      const label = labelIn(payload);
      const kind = (
        { queue: 'job', bus: 'message', mail: 'mail', search: 'search index' } as const satisfies Record<
          typeof effect.medium,
          OutsideKind
        >
      )[effect.medium];
      const removes = kind === 'search index' && /delete|remove/i.test(operation.name);
      const notice = kind === 'mail' || (kind !== 'search index' && isNotice(operation, label));
      return { kind, changes: true, removes, notice, payload, label };
    }
    case 'request':
      return requested(operation);
    case 'cache': {
      if (effect.inProcess || operation.model.startsWith('lib#')) return undefined;
      const changes = effect.action === 'set' || effect.action === 'delete';
      const payload = [effect.key, effect.value].filter((value) => value !== undefined);
      return changes
        ? { kind: 'cache', changes, removes: effect.action === 'delete', notice: false, payload, label: undefined }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Providers where an order placed or money moved is the effect. */
const PAYMENT = /^(stripe|adyen|square|paypal|mollie|braintree|razorpay)$/;

/** Verbs of SDK members and command classes that change something there. */
const CHANGES =
  /^(create|insert|add|update|upsert|put|post|patch|set|replace|delete|del|remove|cancel|capture|confirm|pay|refund|void|charge|finali[sz]e|send|submit|start|stop|trigger|invoke|publish|upload|copy|move|complete|archive|attach|detach|transfer|transferFunds|sale|payments|revoke|release|run|register|acknowledge|subscribe|unsubscribe)/i;

const REMOVES = /^(delete|del|remove|empty|detach|unsubscribe|destroy)/i;

/** `client.send(command)`: the member says nothing, the command may. */
const SENDS = /^(send|request|call|fetch|execute)$/i;

function requested(operation: Operation): OutsideEffect | undefined {
  const { effect, name, model } = operation;
  if (effect.kind !== 'request' || effect.local) return undefined;
  const payload = [effect.url, effect.payload].filter((value) => value !== undefined);
  const service = effect.service ?? '';
  const verb = effect.command === undefined ? name : effect.command === '' ? '' : effect.command;
  const changes =
    effect.method === undefined
      ? (model.endsWith('#*') || effect.command !== undefined || effect.costly || !SENDS.test(name)) &&
        CHANGES.test(verb)
      : /^(POST|PUT|PATCH|DELETE)$/.test(effect.method);
  const removes = effect.method === undefined ? REMOVES.test(verb) : effect.method === 'DELETE';
  const address = labelIn(payload);
  const isFile =
    (service === 'aws' && /Object|Upload|Bucket/.test(verb)) || operation.chain.some((site) => UPLOADS.test(site.name));
  const job = operation.chain.some((site) => ENQUEUES.test(site.name)) ? nameIn(effect.payload) : undefined;
  const kind: OutsideKind = job !== undefined ? 'job' : PAYMENT.test(service) ? 'payment' : isFile ? 'file' : 'request';
  // A page where the customer pays or manages: made anew at each visit.
  const isVisit = kind === 'payment' && /Session/.test(model);
  const label = job ?? address;
  const notice = !changes || isVisit || NOTICE_SERVICE.test(service) || isNotice(operation, label);
  return { kind, changes, removes, notice, payload, label };
}

/** `putFile(file)`: however it gets there, a file is stored. */
const UPLOADS = /^(put|upload|store|save)\w*(File|Image|Blob|Asset|Avatar|Attachment)s?$/;

/** `triggerJob({ name: 'seal-document' })`: a queue that is reached by a request. */
const ENQUEUES = /^(trigger|enqueue|dispatch|schedule|queue|submit|send)\w*(Job|Task|Event)s?$/;

const NOTICE_SERVICE = /^(slack|twilio|firebase|openai|anthropic|sentry|posthog|segment)$/;

const NOTICE =
  /e-?mails?(?![a-z])|mailer|notif(y|ication|ies|ier)?|(?<![a-z])sms|digest|reminder|(?<![a-z])(push|alert|web-?hook(?!s?-?(stripe|payment))|slack|discord|telegram|teams|chat|toast|brevo|mailchimp|crm)|hubspot|newsletter|analytic|telemetr|metric|(?<![a-z])(track|captur)e?(ing|Event|_event)|statsd?(?![a-z])|audit|activity|posthog|segment|mixpanel|amplitude|sentry|datadog|plausible|umami|meter(ing|Event|_event)|usage|(?<![a-z])(log|logs|logger|logging)(?![a-z])|websocket|socket|presence|heartbeat|ping|live-?update|refresh|captcha|turnstile|geo|gravatar|spam|screenshot/i;

/** What the job, its senders or the address are called. */
function isNotice(operation: Operation, label: string | undefined): boolean {
  const names = [label ?? '', ...operation.chain.map(({ name }) => name)];
  // `sendToPipeline` of `events.ts` says more than its file; only the names on the way count.
  return names.some((name) => NOTICE.test(name) || NOTICE.test(name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')));
}

/** The first text in it: a job's name, an address. */
function labelIn(payload: readonly Value[]): string | undefined {
  for (const value of payload) {
    const direct = textOf(value) ?? nameIn(value);
    if (direct !== undefined) return direct;
  }
  return undefined;
}

function textOf(value: Value): string | undefined {
  if (value.kind === 'constant' && typeof value.value === 'string') return value.value;
  if (value.kind === 'place' && value.path.length > 0) return value.path.at(-1);
  if (value.kind === 'computed' && (value.operator === 'template' || value.operator === '+')) {
    return value.operands.map((part) => (part.kind === 'constant' ? String(part.value) : '')).join('*');
  }
  return undefined;
}

/** `{ name: 'seal-document', … }`, also one level down: `{ data: { name: … } }`. */
function nameIn(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  let found: string | undefined;
  walkValue(value, (part) => {
    if (found !== undefined) return true;
    if (part.kind !== 'object') return false;
    for (const key of ['name', 'type', 'event', 'eventName', 'job', 'topic', 'subject', 'template']) {
      const named = part.properties.get(key);
      const text = named === undefined ? undefined : textOf(named);
      if (text !== undefined) {
        found = text;
        return true;
      }
    }
    return false;
  });
  return found;
}

/** For messages: what the call does. */
export function effectPhrase({ kind, changes, removes, label }: OutsideEffect): string {
  const name = label === undefined || label.length > 50 || /[*\s]/.test(label) ? '' : ` '${label}'`;
  switch (kind) {
    case 'job':
      return `enqueues the job${name}`;
    case 'message':
      return `publishes${name}`;
    case 'mail':
      return 'sends a mail';
    case 'search index':
      return removes ? 'takes it out of the search index' : 'writes the search index';
    case 'payment':
      return changes ? 'asks the payment provider for a change' : 'asks the payment provider';
    case 'file':
      return removes ? 'deletes a stored file' : 'stores a file';
    case 'cache':
      return removes ? 'clears a cache entry' : 'sets a cache entry';
    case 'request':
      return changes ? 'asks another service for a change' : 'asks another service';
  }
}

/** `document` of 'documents.title-change'. */
export function isNamedBy(label: string | undefined, { effect: { table } }: DatabaseOperation): boolean {
  const name = plainTable(table ?? '').replace(/s$/, '');
  return (
    name !== '' &&
    label
      ?.toLowerCase()
      .replaceAll(/[^a-z]/g, '')
      .includes(name) === true
  );
}
