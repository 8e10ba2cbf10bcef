/** Purity: in engine/ nothing may depend on the time, the machine, the locale or chance. Reads the syntax tree. */

import { join } from 'node:path';
import ts from 'typescript';
import { counted, filesUnder, textOf } from './tree.mjs';

const TIME = 'the time is an argument';
const IO = 'input and output belong to the adapters';
const CHANCE = 'use kit/random.ts with a seed';
const HISTORY = 'what was collected when is not repeatable';
const TIMERS = 'the engine waits for nothing; a wake-up is an instant that it returns';

/** Global names that must not be read. */
const GLOBALS = new Map([
  ['Date', TIME],
  ['performance', TIME],
  ['Temporal', TIME],
  ['Intl', 'the outcome depends on the machine’s locale data'],
  ['setTimeout', TIMERS],
  ['setInterval', TIMERS],
  ['setImmediate', TIMERS],
  ['queueMicrotask', TIMERS],
  ['process', IO],
  ['console', IO],
  ['fetch', IO],
  ['require', IO],
  ['Buffer', 'exists in Node only'],
  ['crypto', CHANCE],
  ['WeakRef', HISTORY],
  ['FinalizationRegistry', HISTORY],
  ['globalThis', 'reaches every global'],
  ['eval', 'code comes from the repository'],
  ['Function', 'code comes from the repository'],
]);

/** The members of Math that give the same bits everywhere; ECMAScript leaves the others to the implementation. */
const EXACT_MATH = new Set(['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'trunc']);

const { SyntaxKind } = ts;
const MEMBERS = new Set([
  SyntaxKind.PropertyAssignment,
  SyntaxKind.PropertySignature,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodSignature,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
  SyntaxKind.EnumMember,
]);

/** Only the loop waits: everything else in the engine is a plain function. */
const MAY_BE_ASYNC = /^engine\/turn\//;

export async function checkPurity(root) {
  const files = filesUnder(root, ['engine'], ['.ts']);
  const problems = files.flatMap((path) => impurities(path, textOf(root, path)));
  if (files.length === 0) problems.push(`no file found under ${join(root, 'engine')}: nothing was checked`);
  return { summary: `${counted(files.length, 'file')} of engine/`, problems };
}

/** What is impure in one file, as `path:line:column what: why`. */
export function impurities(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found = [];
  const report = (node, what, why) => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push(`${path}:${line + 1}:${character + 1} ${what}: ${why}`);
  };
  const visit = (node) => {
    inspect(node, MAY_BE_ASYNC.test(path), report);
    ts.forEachChild(node, visit);
  };
  for (const directive of [...source.typeReferenceDirectives, ...source.libReferenceDirectives]) {
    found.push(`${path}:1:1 reference to "${directive.fileName}": brings in ambient types`);
  }
  visit(source);
  return found;
}

function inspect(node, mayBeAsync, report) {
  if (ts.isIdentifier(node)) {
    inspectName(node, mayBeAsync, report);
  } else if (ts.isForInStatement(node)) {
    report(node, 'for…in', 'the order of keys is not the order of insertion; use a Map or an array');
  } else if (ts.isBinaryExpression(node)) {
    if (isPower(node) && !(ts.isBigIntLiteral(node.left) && ts.isBigIntLiteral(node.right))) {
      report(node, '**', 'inexact: it may differ between runtimes');
    }
  } else if (ts.isCallExpression(node)) {
    inspectCall(node, report);
  } else if (ts.isMetaProperty(node) && node.keywordToken === SyntaxKind.ImportKeyword) {
    report(node, 'import.meta', IO);
  } else if (!mayBeAsync && isAsync(node)) {
    report(node, 'async', 'only engine/turn/ waits');
  }
}

function inspectName(node, mayBeAsync, report) {
  const { parent, text } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    if (text === 'localeCompare' || text.startsWith('toLocale')) {
      report(node, text, 'depends on the locale; compare with < and >');
    }
    return;
  }
  if (isOnlyAName(node)) return;
  const why = GLOBALS.get(text);
  if (why !== undefined) report(node, text, why);
  if (text === 'Promise' && !mayBeAsync) report(node, text, 'only engine/turn/ waits');
  if (text === 'Math') inspectMath(node, report);
}

function inspectMath(node, report) {
  const member = ts.isPropertyAccessExpression(node.parent) ? node.parent.name.text : null;
  if (member === null) report(node, 'Math', 'name the function that is used: Math.floor(…)');
  else if (member === 'random') report(node, 'Math.random', CHANCE);
  else if (!EXACT_MATH.has(member)) report(node, `Math.${member}`, 'inexact: it may differ between runtimes');
}

function inspectCall(node, report) {
  const { expression } = node;
  if (expression.kind === SyntaxKind.ImportKeyword) report(node, 'import()', IO);
  if (!ts.isPropertyAccessExpression(expression) || node.arguments.length > 0) return;
  const name = expression.name.text;
  if (name === 'sort' || name === 'toSorted') {
    report(expression.name, `${name}()`, 'without a comparator it sorts by text; give a total order');
  }
}

/** The name of a member in a literal, a class, an interface, an enum or a binding: it reads no global. */
function isOnlyAName(node) {
  const { parent } = node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return MEMBERS.has(parent.kind) && parent.name === node;
}

function isPower({ operatorToken: { kind } }) {
  return kind === SyntaxKind.AsteriskAsteriskToken || kind === SyntaxKind.AsteriskAsteriskEqualsToken;
}

function isAsync(node) {
  return (
    ts.isAwaitExpression(node) ||
    (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
    (ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === SyntaxKind.AsyncKeyword))
  );
}
