// Idiom of github.com/Adebisi1234/blackboard: `connect` again from `onclose`, a second later.
/** Connecting again when the connection closed. */
declare function render(text: string): void;

export function connect(url: string): void {
  const socket = new WebSocket(url);
  socket.onmessage = (event) => render(String(event.data));
  socket.onclose = () => {
    setTimeout(() => connect(url), 1000);
    //^^^^^^^^ throttling/retry-without-backoff medium "'connect' is called again a fixed time after"
  };
}

export class Feed {
  private attempt = 0;

  open(url: string): void {
    const socket = new WebSocket(url);
    socket.onopen = () => {
      this.attempt = 0;
    };
    socket.onclose = () => {
      this.attempt += 1;
      setTimeout(() => this.open(url), Math.random() * 1000 * 2 ** this.attempt); // ok throttling/retry-without-backoff: spread and growing
    };
  }

  remind(): void {
    setTimeout(() => this.remind(), 1000); // ok throttling/retry-without-backoff: a timer, no reconnection
  }
}

export function close(socket: WebSocket): void {
  socket.onclose = () => {
    setTimeout(() => render('closed'), 1000); // ok throttling/retry-without-backoff: nothing connects again
  };
}
