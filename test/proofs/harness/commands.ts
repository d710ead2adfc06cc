/** What the clients send, and the place where a schedule steps in. */
export class Commands {
  readonly sent: string[] = [];
  /** Called just before a command is sent. */
  precede: ((command: string) => void) | undefined;
  /** Called when a command's answer is there; the caller gets the answer when the promise is settled. */
  hold: ((command: string) => Promise<void> | undefined) | undefined;

  pass<T>(command: string, send: () => Promise<T>): Promise<T> {
    this.precede?.(command);
    this.sent.push(command);
    const { hold } = this;
    const answer = send();
    if (hold === undefined) return answer;
    return answer.then(async (value) => {
      await hold(command);
      return value;
    });
  }

  clear(): void {
    this.sent.length = 0;
    this.precede = undefined;
    this.hold = undefined;
  }
}
