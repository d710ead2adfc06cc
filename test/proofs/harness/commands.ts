/** What the clients send, and the place where a schedule holds their answers back. */
export class Commands {
  readonly sent: string[] = [];
  /** Called when a command's answer is there; the caller gets the answer when the promise is settled. */
  hold: ((command: string) => Promise<void> | undefined) | undefined;

  /** Sends a command, and gives its answer when the schedule says so. */
  pass<T>(command: string, answer: Promise<T>): Promise<T> {
    this.sent.push(command);
    const { hold } = this;
    if (hold === undefined) return answer;
    return answer.then(async (value) => {
      await hold(command);
      return value;
    });
  }

  clear(): void {
    this.sent.length = 0;
    this.hold = undefined;
  }
}
