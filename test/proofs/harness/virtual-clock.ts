/**
 * Time for programs that wait: timers fire in their order as soon as nothing else is going on, and the clock jumps.
 * What a program waits for outside (a request to a server) takes no time on it.
 */
export class VirtualClock {
  now = 1_000_000;
  /** Every wait that was asked for, milliseconds. */
  readonly waits: number[] = [];
  private timers: { readonly at: number; readonly run: () => void }[] = [];
  private ticking = false;

  /** What a program sees in place of the globals. */
  globals(): Record<string, unknown> {
    const clock = this;
    class ClockDate extends Date {
      static override now(): number {
        return clock.now;
      }
    }
    return {
      Date: ClockDate,
      setTimeout: (run: () => void, wait = 0) => this.wait(run, wait),
      clearTimeout: () => undefined,
    };
  }

  private wait(run: () => void, wait: number): { unref: () => void } {
    this.waits.push(wait);
    this.timers.push({ at: this.now + wait, run });
    this.start();
    return { unref: () => undefined };
  }

  private start(): void {
    if (this.ticking) return;
    this.ticking = true;
    setTimeout(() => this.tick(), 2);
  }

  private tick(): void {
    this.ticking = false;
    const next = this.timers.reduce((first, timer) => (timer.at < first.at ? timer : first), this.timers[0] ?? STOP);
    if (next === STOP) return;
    this.timers = this.timers.filter((timer) => timer !== next);
    this.now = Math.max(this.now, next.at);
    next.run();
    if (this.timers.length > 0) this.start();
  }
}

const STOP = { at: 0, run: (): void => undefined };
