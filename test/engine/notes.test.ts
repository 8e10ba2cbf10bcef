import { describe, expect, test } from 'vitest';
import {
  type Command,
  decide,
  decodeState,
  emptyState,
  encodeState,
  foldTurn,
  NOTE_KEY_MAX,
  NOTE_VALUE_MAX,
  NOTES_MAX,
  type Request,
  type State,
  takeTurn,
} from '../../engine/index.js';

const keep = (key: string, value: string | null, expected?: string | null): Command => ({
  type: 'KeepNote',
  key,
  value,
  ...(expected === undefined ? {} : { expected }),
});

function requestsOf(state: State, command: Command): readonly Request[] {
  const decided = decide(state, command, 1);
  return decided.ok ? decided.requests : [];
}

function codeOf(state: State, command: Command): string {
  const decided = decide(state, command, 1);
  return decided.ok ? 'ok' : decided.rejection.code;
}

function keeping(notes: Readonly<Record<string, string>>): State {
  const inputs = Object.entries(notes).map(([key, value]) => ({ type: 'NoteKept' as const, key, value }));
  return foldTurn(emptyState(), { number: 1, now: 1, inputs, decisions: [] });
}

describe('a note', () => {
  test('is kept, changed and removed, and said again only where that is news', () => {
    const state = keeping({ a: '1' });
    expect(requestsOf(state, keep('a', '1'))).toEqual([]);
    expect(requestsOf(state, keep('b', null))).toEqual([]);
    expect(requestsOf(state, keep('a', null))).toEqual([{ type: 'NoteKept', key: 'a', value: null }]);
    expect(
      foldTurn(state, { number: 2, now: 2, inputs: [{ type: 'NoteKept', key: 'a', value: null }], decisions: [] }).notes
        .size,
    ).toBe(0);
  });

  test('changes only from what it was expected to be', () => {
    const state = keeping({ a: '1' });
    expect(codeOf(state, keep('a', '2', '1'))).toBe('ok');
    expect(codeOf(state, keep('a', '2', '3'))).toBe('note-stale');
    expect(codeOf(state, keep('a', '2', null))).toBe('note-stale');
    expect(codeOf(state, keep('b', '2', null))).toBe('ok');
    expect(codeOf(state, keep('b', '2', ''))).toBe('note-stale');
  });

  test('of two that come in one turn the second is decided on what the first has left', () => {
    const state = keeping({ a: '1' });
    const { turn } = takeTurn(state, { observations: [], commands: [keep('a', '2', '1'), keep('a', '3', '1')] }, 2);
    expect(turn?.inputs).toEqual([{ type: 'NoteKept', key: 'a', value: '2' }]);
  });

  test('has limits', () => {
    const state = emptyState();
    expect(codeOf(state, keep('', 'x'))).toBe('note-invalid');
    expect(codeOf(state, keep('k'.repeat(NOTE_KEY_MAX + 1), 'x'))).toBe('note-invalid');
    expect(codeOf(state, keep('k', 'x'.repeat(NOTE_VALUE_MAX + 1)))).toBe('note-invalid');
    for (let i = 0; i < NOTES_MAX; i++) state.notes.set(String(i), '');
    expect(codeOf(state, keep('one more', 'x'))).toBe('note-invalid');
    expect(codeOf(state, keep('7', 'x'))).toBe('ok');
  });

  test('is in snapshots, in an order that does not tell its history', () => {
    const one = keeping({ a: '1', b: '2' });
    const other = keeping({ b: '2', a: '1' });
    expect(encodeState(one)).toBe(encodeState(other));
    expect(decodeState(encodeState(one)).notes).toEqual(one.notes);
    expect(encodeState(emptyState())).not.toContain('notes');
  });
});
