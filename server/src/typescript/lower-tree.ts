/**
 * Reads the compiler's encoded syntax tree without materialising its nodes.
 *
 * The API sends a file as a table of seven 32-bit words a node; merely visiting the objects it offers over that
 * table costs as much as all of lowering does (0.4 s for 200,000 lines). A node is its index in the table here, which is also
 * the index that the compiler's node handles name; 0 is "no node". The layout is `dist/api/node/protocol.js` of the
 * pinned compiler version; `lower.test.ts` compares every child and string read here with what the API says.
 */
import { type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { skipTrivia } from 'typescript/unstable/ast/scanner';

/** The fields of the API's `RemoteSourceFile` that are not in its declared interface. */
interface EncodedFile {
  readonly view: DataView;
  readonly _offsetNodes: number;
  readonly getOrCreateNodeAtIndex: (index: number) => { readonly text?: string };
}

const WORDS = 7;
const PROTOCOL_VERSION = 5;
const JSX_TEXT = SyntaxKind.JsxText;

/** Bits of `Tree.flags` that lowering looks at; `NodeFlags` of the compiler. */
export const FLAG_LET = 1;
export const FLAG_CONST = 2;
export const FLAG_USING = 4;
export const FLAG_REPARSED = 8;

/** `2 ** 8` counts of set bits, to turn a child's number into its place among the children present. */
const bitCounts = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

export class Tree {
  readonly text: string;
  /** Number of nodes and node lists; valid indexes are 1 to `size - 1`. */
  readonly size: number;
  private readonly words: Int32Array;
  private readonly file: EncodedFile;
  private lastPosition = -1;
  private lastStart = -1;

  constructor(sourceFile: SourceFile) {
    const file = sourceFile as unknown as EncodedFile;
    const { view } = file;
    const version = view.getUint32(0, true) >>> 24;
    if (version !== PROTOCOL_VERSION)
      throw new Error(`Syntax tree in protocol version ${version}, expected ${PROTOCOL_VERSION}`);
    const from = view.byteOffset + file._offsetNodes;
    this.size = Math.floor((view.byteLength - file._offsetNodes) / (WORDS * 4));
    const length = this.size * WORDS;
    // Little-endian like the encoding, as is every machine the editor runs on.
    this.words =
      from % 4 === 0
        ? new Int32Array(view.buffer, from, length)
        : new Int32Array(view.buffer.slice(from, from + length * 4));
    this.file = file;
    this.text = sourceFile.text;
  }

  /** -1 for a node list. */
  kind(node: number): number {
    return this.words[node * WORDS] as number;
  }
  /** Start including leading trivia. */
  pos(node: number): number {
    return this.words[node * WORDS + 1] as number;
  }
  end(node: number): number {
    return this.words[node * WORDS + 2] as number;
  }
  /** Next sibling, 0 after the last. */
  next(node: number): number {
    return this.words[node * WORDS + 3] as number;
  }
  flags(node: number): number {
    return this.words[node * WORDS + 6] as number;
  }
  /** Bits that depend on the kind: operator of a unary expression, whether a specifier is type-only. */
  bits(node: number): number {
    return ((this.words[node * WORDS + 5] as number) >>> 24) & 0x3f;
  }
  isMissing(node: number): boolean {
    return this.pos(node) === this.end(node);
  }

  /** The child at a place of the kind's child properties, 0 when absent. */
  child(node: number, place: number): number {
    const mask = (this.words[node * WORDS + 5] as number) & 0xff;
    if ((mask & (1 << place)) === 0) return 0;
    let child = node + 1;
    for (let skip = bitCounts[mask & ((1 << place) - 1)] as number; skip > 0; skip--) {
      child = this.words[child * WORDS + 3] as number;
    }
    return child;
  }
  has(node: number, place: number): boolean {
    return ((this.words[node * WORDS + 5] as number) & (1 << place)) !== 0;
  }
  /** First element of a node list, 0 when it is empty or absent. */
  first(list: number): number {
    return list !== 0 && (this.words[list * WORDS + 5] as number) > 0 ? list + 1 : 0;
  }

  /** Start after leading trivia. */
  start(node: number): number {
    const pos = this.pos(node);
    // Skipping trivia of a missing node would lead to the next token.
    if (pos === this.end(node)) return pos;
    // A node and its first child, and theirs, begin at the same place.
    if (pos === this.lastPosition) return this.lastStart;
    this.lastPosition = pos;
    this.lastStart = this.kind(node) === JSX_TEXT ? pos : this.skip(pos);
    return this.lastStart;
  }

  private skip(pos: number): number {
    let at = pos;
    let code = this.text.charCodeAt(at);
    while (code === 32 || code === 10) code = this.text.charCodeAt(++at);
    // Letters, digits and brackets begin no trivia; `/`, `<`, control characters and the `#` of `#!` may.
    if ((code > 62 && code < 124) || (code > 35 && code < 47)) return at;
    return skipTrivia(this.text, at);
  }

  /** A literal's text with escapes resolved. Slow: only for what cannot be cut out of the file's text. */
  cooked(node: number): string {
    return this.file.getOrCreateNodeAtIndex(node).text ?? '';
  }
}
