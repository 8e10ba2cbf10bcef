/**
 * XML from strangers, as a tree of elements with their lines. Only what data files need: elements, attributes, text,
 * comments. DOCTYPE, entities of one's own, CDATA and processing instructions are refused, and everything has a limit.
 */

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { nameOf, readBytes, textIn } from './bytes.js';
import { WorkloadError } from './entry.js';
import { quoted } from '../input-error.js';

const BYTES_MAX = 64 * 1024 * 1024;
const DEPTH_MAX = 32;
const ELEMENTS_MAX = 1_000_000;
const TAG_LENGTH_MAX = 16 * 1024;
/** Blanks in a row inside a tag: more would make the parser's patterns slow. */
const BLANKS_MAX = 128;

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  readonly line: number;
  readonly parent: XmlElement | null;
}

/** Reads the file (or stdin) whole and parses it. Throws WorkloadError. */
export async function readXml(source: string): Promise<XmlElement> {
  return parseXml(await readBytes(source, BYTES_MAX), nameOf(source));
}

export function parseXml(bytes: Buffer, file: string): XmlElement {
  const text = textIn(bytes, file);
  const lines = new Lines(text);
  if (text.trim() === '') throw fault(file, 1, 'the file is empty', 'Name an LWF file (XML).');
  new Guard(text, file, lines).check();
  return wellFormed(text, file, lines);
}

/** `/lease-workload/lease-requests/lease-request[3]/lease`: counted from 1 among elements of the same name. */
export function pathOf(element: XmlElement): string {
  const parent = element.parent;
  if (parent === null) return `/${element.name}`;
  const alike = parent.children.filter((child) => child.name === element.name);
  const index = alike.length > 1 ? `[${alike.indexOf(element) + 1}]` : '';
  return `${pathOf(parent)}/${element.name}${index}`;
}

/** Line numbers of positions in a text. */
class Lines {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.starts.push(i + 1);
  }

  /** Binary search. */
  at(position: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle]! <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

/** Goes once over the text, before any parser sees it, and refuses what a parser might stumble over. Linear. */
class Guard {
  private depth = 0;
  private elements = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly lines: Lines,
  ) {}

  check(): void {
    const { text } = this;
    let position = 0;
    if (/^\s*<\?xml\s/.test(text.slice(0, 200))) position = this.declaration();
    for (;;) {
      const open = text.indexOf('<', position);
      this.references(position, open < 0 ? text.length : open);
      if (open < 0) return;
      if (text.startsWith('<!--', open)) {
        const close = text.indexOf('-->', open + 4);
        if (close < 0) throw this.fault(open, 'a comment without end', 'Close it with -->.');
        position = close + 3;
      } else position = this.tag(open);
    }
  }

  /** `<?xml version="1.0" encoding="UTF-8"?>` */
  private declaration(): number {
    const close = this.text.indexOf('?>');
    if (close < 0 || close > 200) throw this.fault(0, 'an XML declaration without end', 'Close it with ?>.');
    const encoding = /encoding\s*=\s*["']([^"']*)["']/.exec(this.text.slice(0, close))?.[1] ?? 'UTF-8';
    if (!/^(utf-8|us-ascii|ascii)$/i.test(encoding)) {
      throw this.fault(0, `encoding ${quoted(encoding)}`, 'Convert the file to UTF-8 and say so, or say nothing.');
    }
    return close + 2;
  }

  /** One tag from its `<`; answers the position after its `>`. */
  private tag(open: number): number {
    const { text } = this;
    const second = text.charCodeAt(open + 1);
    if (second === 33) throw this.fault(open, `${quoted(text.slice(open, open + 9))} is not accepted`, PLAIN);
    if (second === 63) throw this.fault(open, 'a processing instruction', PLAIN);
    let quote = 0;
    let blanks = 0;
    for (let i = open + 1; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 60) throw this.fault(i, '"<" inside a tag', 'Write &lt; in values; is a ">" or a quote missing?');
      if (c === 62 && quote === 0) {
        this.count(open, second === 47, text.charCodeAt(i - 1) === 47);
        this.references(open, i);
        return i + 1;
      }
      if (quote !== 0) quote = c === quote ? 0 : quote;
      else if (c === 34 || c === 39) quote = c;
      blanks = c <= 32 ? blanks + 1 : 0;
      if (blanks > BLANKS_MAX) throw this.fault(i, 'too many blanks inside a tag', `At most ${BLANKS_MAX}.`);
      if (i - open > TAG_LENGTH_MAX) throw this.fault(open, 'a tag that is too long', `At most ${TAG_LENGTH_MAX}.`);
    }
    throw this.fault(open, 'a tag without end', 'Close it with ">"; is the file whole?');
  }

  private count(at: number, closing: boolean, empty: boolean): void {
    if (closing) this.depth--;
    else if (!empty && ++this.depth > DEPTH_MAX) {
      throw this.fault(at, `nested more than ${DEPTH_MAX} deep`, 'Workloads nest 6 deep; is this the right file?');
    }
    if (!closing && ++this.elements > ELEMENTS_MAX) {
      throw this.fault(at, `more than ${ELEMENTS_MAX} elements`, 'Split the workload, or write it as SWF.');
    }
  }

  private references(from: number, to: number): void {
    for (let i = this.text.indexOf('&', from); i >= 0 && i < to; i = this.text.indexOf('&', i + 1)) {
      if (!/^&(amp|lt|gt|quot|apos);/.test(this.text.slice(i, i + 6))) {
        throw this.fault(i, `the entity ${quoted(this.text.slice(i, i + 12))}`, 'Only &amp; &lt; &gt; &quot; &apos;.');
      }
    }
  }

  private fault(position: number, problem: string, hint: string): WorkloadError {
    return fault(this.file, this.lines.at(position), problem, hint);
  }
}

const PLAIN = 'Only elements, attributes and comments are: no DOCTYPE, entities, CDATA or processing instructions.';

function wellFormed(text: string, file: string, lines: Lines): XmlElement {
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    throw fault(file, valid.err.line, valid.err.msg.slice(0, 200), 'The file is not well-formed XML; is it whole?');
  }
  let nodes: unknown;
  try {
    nodes = new XMLParser(OPTIONS).parse(text);
  } catch (error) {
    throw fault(file, 1, `not accepted: ${(error as Error).message.slice(0, 200)}`, 'Is the file well-formed XML?');
  }
  const roots = elementsOf(nodes, null, lines);
  const root = roots[0];
  if (root === undefined || roots.length > 1) throw fault(file, 1, 'not one root element', 'Is this the right file?');
  return root;
}

const OPTIONS = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  captureMetaData: true,
  maxNestedTags: DEPTH_MAX,
} as const;

const ATTRIBUTES = ':@';
const TEXT = '#text';
const PLACE = XMLParser.getMetaDataSymbol() as unknown as symbol;

/** The parser's shape: a list of objects, each with one key for the element's name, and `:@` for its attributes. */
type Node = Readonly<Record<string | symbol, unknown>>;

function elementsOf(nodes: unknown, parent: XmlElement | null, lines: Lines): XmlElement[] {
  const elements: XmlElement[] = [];
  for (const node of nodes as readonly Node[]) {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
    if (name === undefined || name === TEXT) continue;
    const content = node[name] as readonly Node[];
    const place = node[PLACE] as { readonly startIndex?: number } | undefined;
    const children: XmlElement[] = [];
    const element: XmlElement = {
      name,
      attributes: attributesOf(node[ATTRIBUTES]),
      children,
      text: textOf(content),
      line: lines.at(place?.startIndex ?? 0),
      parent,
    };
    for (const child of elementsOf(content, element, lines)) children.push(child);
    elements.push(element);
  }
  return elements;
}

function attributesOf(values: unknown): ReadonlyMap<string, string> {
  if (values === undefined) return NO_ATTRIBUTES;
  return new Map(
    Object.entries(values as Record<string, unknown>).map(([name, text]) => [name, decoded(String(text))]),
  );
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

function textOf(content: readonly Node[]): string {
  let text = '';
  for (const node of content) if (TEXT in node) text += String(node[TEXT]);
  return decoded(text.trim());
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.includes('&') ? text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name]!) : text;
}

function fault(file: string, line: number, problem: string, hint: string): WorkloadError {
  return new WorkloadError(problem, { file, line }, hint);
}
