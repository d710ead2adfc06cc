/**
 * Where a line comment can be inserted without becoming text: not inside a template literal, a JSX element's text, or
 * another comment. A small scanner, because an action is offered while the code may not parse and the engine's trees
 * stay in its thread. Where it cannot tell (a type argument list that looks like JSX) it says no, which costs the
 * user only the nearer of two places; `generic arrow function in tsx` in test/lsp shows it.
 */

type Frame =
  | { readonly kind: 'code'; braces: number }
  | { readonly kind: 'template' }
  /** Inside `<…>`: `isClosing` for `</…>`. */
  | { readonly kind: 'tag'; readonly isClosing: boolean }
  /** Between an opening and a closing tag. */
  | { readonly kind: 'text' };

/** Whether a comment on a line of its own may start at the offset, the start of a line. `jsx` where the file may have it. */
export function canHoldComment(text: string, offset: number, jsx: boolean): boolean {
  return new Scanner(text, jsx).isCodeAt(offset);
}

const REGEX_BEFORE =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield))$/;
const TAG_BEFORE = /(?:^|[(,=:[!&|?{};>]|\b(?:return|case|else|default|yield|await))$/;

class Scanner {
  readonly #text: string;
  readonly #jsx: boolean;
  readonly #frames: Frame[] = [{ kind: 'code', braces: 0 }];
  #at = 0;
  /** The last characters of code before the current one, without white space and comments. */
  #before = '';

  constructor(text: string, jsx: boolean) {
    this.#text = text;
    this.#jsx = jsx;
  }

  isCodeAt(offset: number): boolean {
    while (this.#at < offset) {
      const start = this.#at;
      const frame = this.#frames.at(-1);
      if (frame === undefined) return false;
      if (frame.kind === 'template') this.#template();
      else if (frame.kind === 'text') this.#jsxText();
      else if (frame.kind === 'tag') this.#tag(frame.isClosing);
      else this.#code(frame);
      if (this.#at <= start) this.#at = start + 1;
    }
    // A token that reaches beyond the offset is a block comment or a string with a continued line.
    return this.#at === offset && this.#frames.at(-1)?.kind === 'code';
  }

  #code(frame: Extract<Frame, { kind: 'code' }>): void {
    const character = this.#text[this.#at] ?? '';
    if (/\s/.test(character)) this.#at++;
    else if (this.#skipComment()) return;
    else if (character === '"' || character === "'") this.#string(character);
    else if (character === '`') this.#enter({ kind: 'template' });
    else if (character === '/' && REGEX_BEFORE.test(this.#before)) this.#regex();
    else if (character === '<' && this.#startsTag()) this.#openTag();
    else if (character === '{') {
      frame.braces++;
      this.#token('{');
    } else if (character === '}') this.#closeBrace(frame);
    else this.#token(/^[\w$]+/.exec(this.#text.slice(this.#at, this.#at + 64))?.[0] ?? character);
  }

  #closeBrace(frame: Extract<Frame, { kind: 'code' }>): void {
    // One brace too many in half-typed code stays in the outermost frame.
    if (frame.braces > 0 || this.#frames.length === 1) {
      frame.braces = Math.max(0, frame.braces - 1);
      this.#token('}');
      return;
    }
    this.#at++;
    this.#leave();
  }

  #template(): void {
    const character = this.#text[this.#at];
    if (character === '\\') this.#at += 2;
    else if (character === '`') {
      this.#at++;
      this.#leave();
    } else if (character === '$' && this.#text[this.#at + 1] === '{') {
      this.#at++;
      this.#enter({ kind: 'code', braces: 0 });
    } else this.#at++;
  }

  #startsTag(): boolean {
    if (!this.#jsx || !TAG_BEFORE.test(this.#before)) return false;
    return /^<(?:[A-Za-z_$]|>)/.test(this.#text.slice(this.#at, this.#at + 2));
  }

  #openTag(): void {
    this.#enter({ kind: 'tag', isClosing: false });
  }

  #tag(isClosing: boolean): void {
    const character = this.#text[this.#at] ?? '';
    if (this.#skipComment()) return;
    if (character === '"' || character === "'") this.#attribute(character);
    else if (character === '{') this.#enter({ kind: 'code', braces: 0 });
    else if (character === '/' && this.#text[this.#at + 1] === '>') {
      this.#at += 2;
      this.#leave();
    } else if (character === '>') {
      this.#at++;
      this.#frames.pop();
      if (!isClosing) this.#frames.push({ kind: 'text' });
      else {
        // The text that this tag ends.
        if (this.#frames.at(-1)?.kind === 'text') this.#frames.pop();
        this.#before = ')';
      }
    } else this.#at++;
  }

  #jsxText(): void {
    const character = this.#text[this.#at];
    if (character === '{') this.#enter({ kind: 'code', braces: 0 });
    else if (character === '<') this.#enter({ kind: 'tag', isClosing: this.#text[this.#at + 1] === '/' });
    else this.#at++;
    if (this.#frames.at(-1)?.kind === 'tag' && this.#text[this.#at] === '/') this.#at++;
  }

  #skipComment(): boolean {
    const start = this.#text.slice(this.#at, this.#at + 2);
    if (start === '//' || (start === '#!' && this.#at === 0)) {
      const end = /[\n\r]/.exec(this.#text.slice(this.#at))?.index;
      this.#at = end === undefined ? this.#text.length : this.#at + end;
      return true;
    }
    if (start !== '/*') return false;
    const end = this.#text.indexOf('*/', this.#at + 2);
    this.#at = end < 0 ? this.#text.length + 1 : end + 2;
    return true;
  }

  /** Ends at the line's end when it is not closed, as in half-typed code. */
  #string(quote: string): void {
    let at = this.#at + 1;
    for (; at < this.#text.length; at++) {
      const character = this.#text[at];
      if (character === '\\') at += this.#text.startsWith('\r\n', at + 1) ? 2 : 1;
      else if (character === quote || character === '\n' || character === '\r') break;
    }
    this.#at = this.#text[at] === quote ? at + 1 : at;
    this.#before = ')';
  }

  /** An attribute's value may have line breaks and knows no escapes. */
  #attribute(quote: string): void {
    const end = this.#text.indexOf(quote, this.#at + 1);
    this.#at = end < 0 ? this.#text.length + 1 : end + 1;
  }

  #regex(): void {
    let inClass = false;
    let at = this.#at + 1;
    for (; at < this.#text.length; at++) {
      const character = this.#text[at];
      if (character === '\n' || character === '\r') break;
      if (character === '\\') at++;
      else if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
      else if (character === '/' && !inClass) {
        at++;
        break;
      }
    }
    this.#at = at;
    this.#before = ')';
  }

  #token(text: string): void {
    this.#at += text.length;
    const isWord = /^[\w$]/.test(text);
    this.#before = isWord ? ` ${text}` : (this.#before + text).slice(-3);
  }

  /** Steps over the one character that opens the frame. */
  #enter(frame: Frame): void {
    this.#at++;
    this.#frames.push(frame);
    this.#before = '';
  }

  /** What was left was an operand: a slash after it divides. */
  #leave(): void {
    this.#frames.pop();
    this.#before = ')';
  }
}
