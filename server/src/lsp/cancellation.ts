/** Cancellation between the protocol's tokens, the engine's signals and the two error answers the protocol has for it. */
import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';

import { Cancelled } from '../driver/service.ts';

/** The client took the request back. */
export function requestCancelled(): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestCancelled, 'The request was cancelled.');
}

/** The server gives the request up because something newer replaced it. */
export function serverCancelled(retriggerRequest: boolean): ResponseError<{ retriggerRequest: boolean }> {
  const message = 'The document changed while it was analysed.';
  return new ResponseError(LSPErrorCodes.ServerCancelled, message, { retriggerRequest });
}

export function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** Rejects with `Cancelled` as soon as the signal fires; what was waited for goes on. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  // A rejection that nobody waits for any more must not count as unhandled.
  promise.catch(() => undefined);
  if (signal.aborted) throw new Cancelled();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Cancelled());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

/** Errors lose their class on the way out of a worker thread, not their name. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === 'Cancelled';
}

/** Undefined when the time is over first. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  promise.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
