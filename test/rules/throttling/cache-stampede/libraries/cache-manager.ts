// Idiom of github.com/ghostfolio/ghostfolio: quotes of a provider behind Nest's cache.
import type { Cache } from 'cache-manager';

interface Quote {
  price: number;
}

export class QuoteService {
  constructor(private readonly cache: Cache) {}

  async quote(symbol: string): Promise<Quote> {
    const cached = await this.cache.get<Quote>(`quote-${symbol}`);
    //                              ^^^ related "Looked up here."
    if (cached) return cached;
    const response = await fetch(`https://quotes.example.com/${symbol}`);
    const quote = (await response.json()) as Quote;
    await this.cache.set(`quote-${symbol}`, quote, 60_000);
    //               ^^^ throttling/cache-stampede high "everyone who asks for it in the meantime"
    return quote;
  }

  async wrapped(symbol: string) {
    return this.cache.wrap(`quote-${symbol}`, () => this.ask(symbol), 60_000); // ok throttling/cache-stampede: the library lets one compute
  }

  async hashed(symbol: string) {
    const cached = await this.cache.get<string>(`hash-${symbol}`);
    if (cached) return cached;
    const hash = Buffer.from(symbol).toString('base64url');
    await this.cache.set(`hash-${symbol}`, hash); // ok throttling/cache-stampede: nothing expensive
    return hash;
  }

  async refresh(symbol: string) {
    const quote = await this.ask(symbol);
    await this.cache.set(`quote-${symbol}`, quote, 60_000); // ok throttling/cache-stampede: not after a miss
    return quote;
  }

  private async ask(symbol: string) {
    const response = await fetch(`https://quotes.example.com/${symbol}`);
    return (await response.json()) as Quote;
  }
}
