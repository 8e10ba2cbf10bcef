/**
 * XML as a tree. Written with everything escaped and nothing that others may read differently; read strictly: elements,
 * attributes and text, no comments, declarations, CDATA or entities of one's own.
 */

import { XMLParser, XMLValidator } from 'fast-xml-parser';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Empty where there are children. */
  readonly text: string;
}

/** What is wrong with a text or a value. The message is for whoever gave it. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

export const XML_LENGTH_MAX = 1024 * 1024;
const DEPTH_MAX = 32;
/** Blanks in a row: more would make the parser's patterns slow. */
const BLANKS_MAX = 128;

type Content = string | readonly (XmlElement | null)[];

/** `content`: text, or elements; null among them: nothing. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  content: Content = [],
): XmlElement {
  return {
    name,
    attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)])),
    children: typeof content === 'string' ? [] : content.filter((child) => child !== null),
    text: typeof content === 'string' ? content : '',
  };
}

/** Throws an XmlError where a value holds what has no place in a line of text. */
export function writeXml({ name, attributes, children, text }: XmlElement, indent = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}='${escaped(value, `${name}/@${key}`)}'`);
  const open = `${indent}<${name}${written.join('')}`;
  if (children.length > 0) {
    const inner = children.map((child) => writeXml(child, `${indent}  `));
    return `${open}>\n${inner.join('')}${indent}</${name}>\n`;
  }
  return text === '' ? `${open}/>\n` : `${open}>${escaped(text, name)}</${name}>\n`;
}

/** Control characters, halves of characters, line ends, and what turns the direction of writing. */
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}\ufeff]/u;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escaped(value: string, where: string): string {
  const unfit = UNFIT.exec(value)?.[0];
  if (unfit !== undefined) {
    const code = unfit.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new XmlError(`${where} holds the character U+${code}; leave it out`);
  }
  return value.replace(/[&<>"']/g, (letter) => ESCAPES[letter]!);
}

/** O(length). Throws an XmlError that says what is wrong. */
export function readXml(text: string, lengthMax = XML_LENGTH_MAX): XmlElement {
  refuseUnusual(text, lengthMax);
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new XmlError(`line ${valid.err.line}: ${valid.err.msg.slice(0, 200)}`);
  let nodes: unknown;
  try {
    nodes = new XMLParser(OPTIONS).parse(text);
  } catch (error) {
    throw new XmlError(`it cannot be read: ${(error as Error).message.slice(0, 200)}`);
  }
  const { children, text: beside } = contentOf(nodes as readonly Node[]);
  const [root] = children;
  if (root === undefined || children.length > 1 || beside !== '') throw new XmlError('it is not one element');
  return root;
}

/** What parsers read differently, or at length, before any of them sees it. */
function refuseUnusual(text: string, lengthMax: number): void {
  if (text.length > lengthMax) throw new XmlError(`it has more than ${lengthMax} characters`);
  const special = /<[!?][\s\S]{0,7}/.exec(text)?.[0];
  if (special !== undefined)
    throw new XmlError(
      `${JSON.stringify(special)}: only elements, attributes and text are accepted, ` +
        'no DOCTYPE, CDATA, comments or declarations',
    );
  const entity = /&(?!(amp|lt|gt|quot|apos);)[\s\S]{0,8}/.exec(text)?.[0];
  if (entity !== undefined)
    throw new XmlError(
      `${JSON.stringify(entity)}: write &amp; for "&"; of entities only amp, lt, gt, quot and apos are`,
    );
  const unfit = UNFIT.exec(text.replace(/[\t\r\n]/g, ' '))?.[0];
  if (unfit !== undefined)
    throw new XmlError(`it holds the character U+${unfit.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
  if (BLANKS.test(text)) throw new XmlError(`it has more than ${BLANKS_MAX} blanks in a row`);
}

const BLANKS = new RegExp(`\\s{${BLANKS_MAX + 1}}`);

const OPTIONS = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  maxNestedTags: DEPTH_MAX,
} as const;

const ATTRIBUTES = ':@';
const TEXT = '#text';

/** The parser's shape: an object with one key for the element's name, and `:@` for its attributes. */
type Node = Readonly<Record<string, unknown>>;

function contentOf(nodes: readonly Node[]): { children: XmlElement[]; text: string } {
  const children: XmlElement[] = [];
  let text = '';
  for (const node of nodes) {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES)!;
    if (name === TEXT) {
      text += String(node[TEXT]);
      continue;
    }
    const attributes = (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>;
    children.push({ name, attributes, ...contentOf(node[name] as readonly Node[]) });
  }
  if (children.length === 0) return { children, text };
  if (text.trim() !== '') throw new XmlError(`text among elements: ${JSON.stringify(text.trim().slice(0, 40))}`);
  return { children, text: '' };
}
