/**
 * Facts of functions, kept from one run to the next where no edit can have changed them: neither the function's file
 * nor anything that was read while it was interpreted, through any number of calls, was edited. Only between runs in
 * which no declaration changed its shape (`kept-answers.ts`); after any other edit nothing is kept.
 */
import type { FunctionFacts } from './fact.ts';
import type { FunctionKey } from './value.ts';

/** Files whose text changed, but not what other files see of them; or anything. */
export type Edits = ReadonlySet<string> | 'anything';

type Produced = readonly (readonly [FunctionKey, FunctionFacts])[];

interface KeptUnit {
  /** Facts of the function and of closures in it. */
  readonly produced: Produced;
  /** Functions whose facts were asked for, and files whose constants were. */
  readonly used: ReadonlySet<string>;
}

export class KeptFacts {
  #units: ReadonlyMap<FunctionKey, KeptUnit> = new Map();
  /** Since the run that produced what is kept. */
  #edits: Edits = new Set();
  #uses: Set<string> | undefined;
  /** Answers to `mentions`, which any text may change. */
  #mentioned: ReadonlyMap<string, boolean> = new Map();

  /** Starts a run. Edits of runs that were cancelled count as well. */
  begin(edits: Edits, mentions: (text: string) => boolean): KeptRun {
    const isAnything =
      edits === 'anything' ||
      this.#edits === 'anything' ||
      [...this.#mentioned].some(([text, known]) => mentions(text) !== known);
    this.#edits = isAnything ? 'anything' : new Set([...this.#edits, ...edits]);
    const mentioned = new Map<string, boolean>();
    const known = this.#edits === 'anything' ? new Map<FunctionKey, KeptUnit>() : unaffected(this.#units, this.#edits);
    const next = new Map<FunctionKey, KeptUnit>();
    return {
      used: (name) => this.#uses?.add(name),
      mentions: (text) => {
        let known = mentioned.get(text);
        if (known === undefined) {
          known = mentions(text);
          mentioned.set(text, known);
        }
        return known;
      },
      once: (answers, key, compute) => {
        let answer = answers.get(key);
        if (answer === undefined) {
          // Set first: what leads back to itself is unknown.
          answers.set(key, { value: undefined, used: new Set() });
          const { result: value, used } = this.#collect(compute);
          answer = { value, used };
          answers.set(key, answer);
        }
        for (const name of answer.used) this.#uses?.add(name);
        return answer.value;
      },
      produce: (key, interpret) => {
        let unit = known.get(key);
        if (unit === undefined) {
          const { result: produced, used } = this.#collect(interpret);
          unit = { produced, used };
        }
        next.set(key, unit);
        return unit.produced;
      },
      finish: () => {
        this.#units = next;
        this.#edits = new Set();
        this.#mentioned = new Map([...(isAnything ? [] : this.#mentioned), ...mentioned]);
      },
    };
  }

  #collect<Result>(work: () => Result): { result: Result; used: ReadonlySet<string> } {
    const around = this.#uses;
    const used = new Set<string>();
    this.#uses = used;
    try {
      return { result: work(), used };
    } finally {
      this.#uses = around;
    }
  }
}

/** A value that many functions ask for, and what computing it read. */
export interface SharedAnswer<Value> {
  readonly value: Value | undefined;
  readonly used: ReadonlySet<string>;
}

export interface KeptRun {
  /** The function being interpreted read the facts of a function, or constants of a file. */
  readonly used: (name: string) => void;
  /** Whether any file has the text. */
  readonly mentions: (text: string) => boolean;
  /** Computes once a run; whoever gets the value has read what computing it read. */
  readonly once: <Value>(
    answers: Map<string, SharedAnswer<Value>>,
    key: string,
    compute: () => Value | undefined,
  ) => Value | undefined;
  readonly produce: (key: FunctionKey, interpret: () => Produced) => Produced;
  /** What was produced is kept from here on. */
  readonly finish: () => void;
}

function unaffected(
  units: ReadonlyMap<FunctionKey, KeptUnit>,
  edits: ReadonlySet<string>,
): ReadonlyMap<FunctionKey, KeptUnit> {
  if (edits.size === 0) return units;
  const users = new Map<string, FunctionKey[]>();
  for (const [key, { used }] of units) {
    for (const name of used) {
      const list = users.get(name);
      if (list === undefined) users.set(name, [key]);
      else list.push(key);
    }
  }
  const affected = new Set<FunctionKey>();
  const queue: FunctionKey[] = [];
  const affect = (key: FunctionKey): void => {
    if (affected.has(key)) return;
    affected.add(key);
    queue.push(key);
  };
  for (const key of units.keys()) if (edits.has(fileOf(key))) affect(key);
  // What was asked for and did not exist counts too.
  for (const [name, keys] of users) if (edits.has(fileOf(name))) keys.forEach(affect);
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    for (const [made] of units.get(key)?.produced ?? []) users.get(made)?.forEach(affect);
  }
  return new Map([...units].filter(([key]) => !affected.has(key)));
}

/** Of a function's key or a path. */
function fileOf(name: string): string {
  return name.replace(/#\d+$/, '');
}
