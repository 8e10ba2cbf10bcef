/** Lists of what may stand in a document: elements, their attributes and text, each with the values that it may have. */

import { type XmlElement, XmlError } from './xml.js';

export interface Rule {
  readonly attributes: Readonly<Record<string, RegExp>>;
  readonly children: Readonly<Record<string, Rule>>;
  readonly text: RegExp;
  /** How often it may stand in one place. */
  readonly most: number;
}

const NOTHING = /^\s*$/;

export function rule({ attributes = {}, children = {}, text = NOTHING, most = 1 }: Partial<Rule> = {}): Rule {
  return { attributes, children, text, most };
}

/** `most` of them in one place. */
export const several = (most: number, of: Partial<Rule>): Rule => rule({ ...of, most });

/** Exactly one of these words. */
export const words = (...of: string[]): RegExp => new RegExp(`^(${of.join('|')})$`);

export const WORD = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
export const YES_NO = words('yes', 'no');
export const ON_OFF = words('on', 'off');
export const COUNT = /^[1-9]\d{0,8}$/;

/** Throws an XmlError that names what is not on the list. O(size). */
export function checkAgainst(rules: Rule, { name, attributes, children, text }: XmlElement, path = name): void {
  for (const [key, value] of Object.entries(attributes)) {
    const allowed = Object.hasOwn(rules.attributes, key) ? rules.attributes[key]! : null;
    if (allowed === null) throw new XmlError(`${path}: the attribute ${shown(key)} is not accepted`);
    if (!allowed.test(value)) throw new XmlError(`${path}: ${key}=${shown(value)} is not accepted`);
  }
  if (!rules.text.test(text)) throw new XmlError(`${path}: the text ${shown(text.trim())} is not accepted`);
  const counts = new Map<string, number>();
  for (const child of children) {
    const of = Object.hasOwn(rules.children, child.name) ? rules.children[child.name]! : null;
    if (of === null) throw new XmlError(`${path}: the element <${shown(child.name)}> is not accepted`);
    const count = (counts.get(child.name) ?? 0) + 1;
    if (count > of.most) throw new XmlError(`${path}: <${child.name}> more than ${times(of.most)}`);
    counts.set(child.name, count);
    checkAgainst(of, child, `${path}/${child.name}`);
  }
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** Never the whole of it: it may be of any length. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
