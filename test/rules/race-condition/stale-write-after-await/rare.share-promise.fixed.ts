// Idiom of github.com/Unleash/unleash, github.com/vendure-ecommerce/vendure and github.com/parse-community/parse-server
interface Stream {
  close(): void;
}
declare const broker: { connect(url: string): Promise<Stream> };
declare const database: { query(text: string, parameters: readonly unknown[]): Promise<{ rows: { id: string }[] }> };
declare function fetchRevision(since: number): Promise<number>;
declare function flush(name: string): Promise<void>;

export class RevisionService {
  private revision = 0;
  private visible = 0;

  // Between the look and the write there is one wait, and the next tick asks again.
  async advance(): Promise<void> {
    const next = await fetchRevision(this.revision);
    //                               ^^^^^^^^^^^^^ related "Read here."
    if (this.revision !== next) {
      await flush('revision');
      this.revision = next;
    //^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await low "'this.revision' is read before an await"
    }
  }

  // What is compared is a copy of what it was.
  async show(): Promise<void> {
    const from = this.visible;
    //           ^^^^^^^^^^^^ related "Read here."
    const to = await fetchRevision(from);
    if (to <= from) return;
    await flush('visible');
    this.visible = to;
  //^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "'this.visible' is read before an await"
  }
}

// One import at a time, started by hand.
export class FacetImporter {
  private readonly known = new Map<string, string>();

  async idOf(name: string): Promise<string> {
    const found = this.known.get(name);
    if (found !== undefined) return found;
    //  ^^^^^ related "Checked here."
    const { rows } = await database.query('INSERT INTO facets (name) VALUES ($1) RETURNING id', [name]);
    const id = rows[0]?.id ?? '';
    this.known.set(name, id);
    //         ^^^ race-condition/stale-write-after-await low "'this.known' is checked before an await"
    return id;
  }
}

export class FacetService {
  private readonly known = new Map<string, string>();

  async idOf(name: string): Promise<string> {
    const found = this.known.get(name);
    if (found !== undefined) return found;
    //  ^^^^^ related "Checked here."
    const { rows } = await database.query('INSERT INTO facets (name) VALUES ($1) RETURNING id', [name]);
    const id = rows[0]?.id ?? '';
    this.known.set(name, id);
    //         ^^^ race-condition/stale-write-after-await medium "'this.known' is checked before an await"
    return id;
  }
}

export class Adapter {
  private stream: Stream | undefined;
  private pendingStream: Promise<Stream> | undefined;

  async performInitialization(): Promise<void> {
    await this.listen();
  }

  // Only start-up calls it, and waits for it.
  private async listen(): Promise<void> {
    if (!this.stream) {
    //  ^^^^^^^^^^^^ related "Checked here."
      this.pendingStream ??= broker.connect('amqp://localhost').finally(() => {
        this.pendingStream = undefined;
      });
      this.stream = await this.pendingStream;
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await low "'this.stream' is checked before an await"
    }
  }
}
