/** The tables of the log in PostgreSQL, the function that appends to it, and how they come into a database. */

import { failpoint } from '../failpoint.js';
import { GENESIS } from './chain.js';
import { StoreError, type StoreErrorCode } from './errors.js';

/** Version n is reached by the n-th migration. What was published is never changed: a change is a migration more. */
export const FORMAT = 2;

/** Of a log that is brought up to date, so many turns are given their hashes by one statement. */
const HASHED_AT_ONCE = 20_000;

/**
 * What brings the schema `name` from one format to the next. `name` is quoted here, and was checked before: it is part of
 * statements that take no parameters.
 */
const MIGRATIONS: readonly ((connection: Scripted, name: string) => Promise<void>)[] = [
  async (connection, name) => {
    await connection.script(tables(`"${name}"`, name));
  },
  // Every turn has a hash. Those that are there get theirs now, in the same transaction.
  async (connection, name) => {
    const s = `"${name}"`;
    await connection.script(hashColumns(s));
    for (let after: unknown = 0; after !== null; ) {
      const [row] = await connection.script(`SELECT ${s}.hash_turns(${Number(after)}, ${HASHED_AT_ONCE})::float8`);
      after = row![0];
    }
    await connection.script(chainedAppend(s, name));
  },
];

function tables(s: string, name: string): string {
  return `
CREATE TABLE ${s}.meta (one boolean PRIMARY KEY DEFAULT true CHECK (one), format integer NOT NULL, log uuid NOT NULL);
INSERT INTO ${s}.meta (format, log) VALUES (1, gen_random_uuid());

-- Where the log ends and who may write: whoever appends holds this row, so that positions have no gaps and become
-- visible in order.
CREATE TABLE ${s}.head (one boolean PRIMARY KEY DEFAULT true CHECK (one), revision bigint NOT NULL,
  epoch bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO ${s}.head (revision, epoch) VALUES (0, 0);

CREATE TABLE ${s}.turns (number bigint PRIMARY KEY, body text NOT NULL);
CREATE TABLE ${s}.snapshots (turn bigint PRIMARY KEY, version integer NOT NULL, digest bytea NOT NULL,
  state bytea NOT NULL);
-- What is large is compressed in either way; this one takes half the time, where the server has it.
DO $compression$ BEGIN
  ALTER TABLE ${s}.turns ALTER body SET COMPRESSION lz4;
  ALTER TABLE ${s}.snapshots ALTER state SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $compression$;

-- Takes turns one after the other, each by the same rules: it follows the last one, and it claims a higher epoch or is
-- of the current one. A turn that the log holds already, to the letter, is an append tried again. "bodies" is all
-- texts one after the other, and "lengths" their bytes.
CREATE FUNCTION ${s}.append(numbers bigint[], epochs bigint[], claims bigint[], lengths integer[], bodies bytea)
RETURNS TABLE (appended boolean, head_revision float8, head_epoch float8) LANGUAGE plpgsql AS $append$
DECLARE
  last bigint;
  current bigint;
  body_at integer := 1;
  content text;
  changed boolean := false;
BEGIN
  SELECT h.revision, h.epoch INTO STRICT last, current FROM ${s}.head h FOR UPDATE;
  FOR i IN 1 .. cardinality(numbers) LOOP
    content := convert_from(substring(bodies FROM body_at FOR lengths[i]), 'UTF8');
    body_at := body_at + lengths[i];
    appended := numbers[i] = last + 1
      AND CASE WHEN claims[i] IS NULL THEN epochs[i] = current ELSE claims[i] > current END;
    IF appended THEN
      INSERT INTO ${s}.turns (number, body) VALUES (numbers[i], content);
      last := numbers[i];
      changed := true;
      current := coalesce(claims[i], current);
    ELSE
      appended := EXISTS (SELECT FROM ${s}.turns t WHERE t.number = numbers[i] AND t.body = content);
    END IF;
    head_revision := last;
    head_epoch := current;
    RETURN NEXT;
  END LOOP;
  -- Where nothing is changed, the row was locked: that has to be committed, too, and so waits until all before it is
  -- durable. A turn that was there is not acknowledged earlier.
  IF changed THEN
    UPDATE ${s}.head h SET revision = last, epoch = current;
    PERFORM pg_notify('${name}', last::text);
  END IF;
END
$append$;`;
}

/** The function gives hashes to turns after "after", at most "most", and answers the number of the last; null: no more. */
function hashColumns(s: string): string {
  return `
ALTER TABLE ${s}.turns ADD hash bytea;
ALTER TABLE ${s}.head ADD hash bytea NOT NULL DEFAULT '\\x${GENESIS.toString('hex')}';
CREATE FUNCTION ${s}.hash_turns(after bigint, most integer) RETURNS bigint LANGUAGE plpgsql AS $hash$
DECLARE
  before bytea;
  last bigint;
  next record;
BEGIN
  SELECT h.hash INTO STRICT before FROM ${s}.head h FOR UPDATE;
  FOR next IN SELECT t.number, t.body FROM ${s}.turns t WHERE t.number > after ORDER BY t.number LIMIT most LOOP
    last := next.number;
    before := sha256(convert_to(E'leasehold turn 1\\n', 'UTF8') || before || int8send(last) || convert_to(next.body, 'UTF8'));
    UPDATE ${s}.turns SET hash = before WHERE number = last;
  END LOOP;
  UPDATE ${s}.head SET hash = before;
  RETURN last;
END
$hash$;`;
}

function chainedAppend(s: string, name: string): string {
  return `
ALTER TABLE ${s}.turns ALTER hash SET NOT NULL;
DROP FUNCTION ${s}.hash_turns;
DROP FUNCTION ${s}.append;
-- As before, and a turn builds on the hash of the last one. "links" has, for each turn, the hash before it and its own.
CREATE FUNCTION ${s}.append(numbers bigint[], epochs bigint[], claims bigint[], lengths integer[], bodies bytea, links bytea)
RETURNS TABLE (appended boolean, head_revision float8, head_epoch float8) LANGUAGE plpgsql AS $append$
DECLARE
  last bigint;
  current bigint;
  ending bytea;
  body_at integer := 1;
  content text;
  changed boolean := false;
BEGIN
  SELECT h.revision, h.epoch, h.hash INTO STRICT last, current, ending FROM ${s}.head h FOR UPDATE;
  FOR i IN 1 .. cardinality(numbers) LOOP
    content := convert_from(substring(bodies FROM body_at FOR lengths[i]), 'UTF8');
    body_at := body_at + lengths[i];
    appended := numbers[i] = last + 1 AND substring(links FROM 64 * i - 63 FOR 32) = ending
      AND CASE WHEN claims[i] IS NULL THEN epochs[i] = current ELSE claims[i] > current END;
    IF appended THEN
      ending := substring(links FROM 64 * i - 31 FOR 32);
      INSERT INTO ${s}.turns (number, body, hash) VALUES (numbers[i], content, ending);
      last := numbers[i];
      changed := true;
      current := coalesce(claims[i], current);
    ELSE
      appended := EXISTS (SELECT FROM ${s}.turns t WHERE t.number = numbers[i] AND t.body = content);
    END IF;
    head_revision := last;
    head_epoch := current;
    RETURN NEXT;
  END LOOP;
  IF changed THEN
    UPDATE ${s}.head h SET revision = last, epoch = current, hash = ending;
    PERFORM pg_notify('${name}', last::text);
  END IF;
END
$append$;`;
}

/** Runs statements that answer nothing of interest, or one row. */
export interface Scripted {
  readonly shown: string;
  script(text: string): Promise<readonly (readonly unknown[])[]>;
}

/**
 * Brings the schema to this program's format: created where it is missing, changed where it is older, all or nothing,
 * and by one process at a time. Once it is there, only its format is read. Throws a StoreError where it is newer, or
 * not ours.
 */
export async function migrate(connection: Scripted, name: string): Promise<void> {
  if ((await formatOf(connection, name)) === FORMAT) return;
  await connection.script('BEGIN');
  try {
    await connection.script(`SELECT pg_advisory_xact_lock(hashtextextended('leasehold:${name}', 0))`);
    let format = await formatOf(connection, name);
    if (format > FORMAT) throw newer(connection, name, format);
    if (format === 0) {
      const [there] = await connection.script(`SELECT FROM pg_namespace WHERE nspname = '${name}'`);
      if (there === undefined) await connection.script(`CREATE SCHEMA "${name}"`);
    }
    for (; format < FORMAT; format++) await MIGRATIONS[format]!(connection, name);
    await connection.script(`UPDATE "${name}".meta SET format = ${FORMAT}`);
    failpoint('format-raising');
    await connection.script('COMMIT');
    failpoint('format-raised');
  } catch (error) {
    // A connection that broke has nothing left to undo.
    await connection.script('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Throws a StoreError unless there is a log of this program's format. */
export async function requireFormat(connection: Scripted, name: string): Promise<void> {
  const format = await formatOf(connection, name);
  if (format === 0) throw notOurs(connection, name, 'no log was ever written to it');
  if (format > FORMAT) throw newer(connection, name, format);
  if (format < FORMAT) throw older(connection, name, format);
}

/** 0: there is no log in this schema. */
async function formatOf(connection: Scripted, name: string): Promise<number> {
  // From the catalogue itself: what is looked up by name is remembered as missing for the rest of a transaction.
  const [found] = await connection.script(
    `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = '${name}' AND relname = 'meta'`,
  );
  if (found === undefined) return 0;
  const [row] = await connection.script(`SELECT format FROM "${name}".meta`);
  const format = row?.[0];
  if (typeof format === 'number' && format > 0) return format;
  throw notOurs(connection, name, 'its table "meta" is not that of a log');
}

function newer(connection: Scripted, name: string, format: number): StoreError {
  return notOurs(connection, name, `written in format ${format}; this version reads ${FORMAT}`, 'version');
}

/** Who only reads does not change it. */
function older(connection: Scripted, name: string, format: number): StoreError {
  const detail = `written in format ${format}, by an earlier version; a service of this version brings it to ${FORMAT}`;
  return notOurs(connection, name, detail, 'version');
}

function notOurs(connection: Scripted, name: string, detail: string, code: StoreErrorCode = 'corrupt'): StoreError {
  return new StoreError(code, `${connection.shown}: the schema ${name}: ${detail}`);
}
