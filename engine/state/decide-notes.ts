/** The part of `decide` about notes: text that others keep in the log. */

import { type Command, type Decided, NOTE_KEY_MAX, NOTE_VALUE_MAX, NOTES_MAX } from '../model/commands.js';
import type { StateView } from './state.js';

/** What is kept already is not logged again. O(1). */
export function keepNote(state: StateView, { key, value, expected }: Command & { type: 'KeepNote' }): Decided {
  if (key.length < 1 || key.length > NOTE_KEY_MAX) return invalid(`the key of a note has 1 to ${NOTE_KEY_MAX} letters`);
  if ((value?.length ?? 0) > NOTE_VALUE_MAX) return invalid(`a note has at most ${NOTE_VALUE_MAX} letters`);
  const kept = state.notes.get(key) ?? null;
  if (expected !== undefined && expected !== kept) return rejected('note-stale', 'the note has changed since');
  if (value === kept) return { ok: true, requests: [] };
  if (kept === null && state.notes.size >= NOTES_MAX) return invalid(`there are ${NOTES_MAX} notes already`);
  return { ok: true, requests: [{ type: 'NoteKept', key, value }] };
}

function invalid(detail: string): Decided {
  return rejected('note-invalid', detail);
}

function rejected(code: 'note-invalid' | 'note-stale', detail: string): Decided {
  return { ok: false, rejection: { code, detail, pointer: null } };
}
