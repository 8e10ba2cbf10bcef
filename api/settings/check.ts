/**
 * The settings, checked as far as that is possible without starting anything: the files that they name are read, and what
 * depends on each other is looked at together. `leasehold serve` and `leasehold config check` do the same.
 */

import { readFileSync, statSync } from 'node:fs';
import { CONFIGURATION, InputError, USAGE } from '../../simulations/input-error.js';
import { type Listening, listeningFor } from '../listening.js';
import { isSafeIssuer } from '../access/issuer-url.js';
import { shownUrl } from '../store.js';
import { isRange } from '../../adapters/destinations.js';
import { readPolicy, readSite } from './genesis.js';
import { SettingsError } from './mistakes.js';
import type { Mistake, Settings } from './sources.js';
import { keyOf, type ServeOptions, type SettingName } from './table.js';

export interface Checked {
  /** The URL of the store is in `store`, wherever it came from. */
  readonly options: ServeOptions;
  readonly listening: Listening;
}

/** Throws a SettingsError with everything that is wrong. */
export async function checkSettings(settings: Settings): Promise<Checked> {
  const mistakes: Mistake[] = [...settings.mistakes];
  const wrong = (name: SettingName, problem: string, hint: string, exitCode = CONFIGURATION): void => {
    mistakes.push({ place: settings.origins[name].place || keyOf(name), problem, hint, exitCode });
  };
  const { options } = settings;
  // 1. Where to listen.
  const listening = listeningFor(options);
  if (isFaults(listening)) for (const { option, problem, hint } of listening) wrong(option, problem, hint);
  const { metricsListen } = options;
  if (metricsListen !== null && Number(metricsListen.slice(metricsListen.lastIndexOf(':') + 1)) > 65_535)
    wrong('metricsListen', 'there are no such ports', 'Ports go up to 65535.');
  // 2. Where the log is.
  const store = options.storeFile === null ? options.store : storeIn(options.storeFile, wrong);
  if (store !== null) await checkStore(store, settings, wrong);
  // 3. What a new log begins with, and what others are told.
  await checkGenesis(options, wrong);
  const { advertise } = options;
  for (const name of ['advertise', 'vmCallbackUrl'] as const) {
    const url = options[name];
    if (url !== null && !isAddress(url))
      wrong(name, 'give an http or https URL without user, query or fragment', 'Such as http://a.example:8080.');
  }
  const { otlpEndpoint } = options;
  if (otlpEndpoint !== null && !isAddress(otlpEndpoint))
    wrong(
      'otlpEndpoint',
      'give an http or https URL without user, query or fragment',
      'Such as http://127.0.0.1:4318.',
    );
  for (const name of ['webhookAllow', 'imageAllow'] as const)
    for (const range of options[name])
      if (!isRange(range))
        wrong(name, `${range} is no range of addresses`, 'Write an address, or a range such as 10.0.0.0/8.');
  // 4. Whose word is taken.
  const { oidcIssuer, oidcAudience } = options;
  if (oidcIssuer !== null && !isSafeIssuer(oidcIssuer))
    wrong('oidcIssuer', 'give an https URL', 'http is for issuers of this machine only.');
  if ((oidcIssuer === null) !== (oidcAudience === null))
    wrong(oidcIssuer === null ? 'oidcAudience' : 'oidcIssuer', 'say whose, and for whom', 'Give both, or neither.');
  if (mistakes.length > 0 || isFaults(listening)) throw new SettingsError(mistakes);
  return { options: { ...options, store, advertise: advertise?.replace(/\/+$/, '') ?? null }, listening };
}

type Wrong = (name: SettingName, problem: string, hint: string, exitCode?: number) => void;

function isFaults(listening: ReturnType<typeof listeningFor>): listening is Exclude<typeof listening, Listening> {
  return Array.isArray(listening);
}

const STORE_BYTES_MAX = 4096;

function storeIn(file: string, wrong: Wrong): string | null {
  try {
    const { mode, size } = statSync(file);
    if ((mode & 0o077) !== 0)
      wrong('storeFile', `${file} can be read by others than its owner`, `Run: chmod 600 ${file}`);
    if (size <= STORE_BYTES_MAX) return readFileSync(file, 'utf8').trim();
    wrong('storeFile', `${file} has more than ${STORE_BYTES_MAX} bytes`, 'It is to hold a URL, and nothing else.');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    wrong('storeFile', `${file} cannot be read (${code})`, 'Check the path and its permissions.');
  }
  return null;
}

/** What is wrong with a URL is told without it: it may hold a password. */
async function checkStore(store: string, { options, origins }: Settings, wrong: Wrong): Promise<void> {
  const name = options.storeFile === null ? 'store' : 'storeFile';
  try {
    await shownUrl(store);
  } catch (error) {
    wrong(name, (error as Error).message, 'Correct the URL.');
  }
  const hasPassword = /^[a-z+]+:\/\/[^@/?#:]*:[^@/?#]*@/.test(store);
  if (origins.store.source === 'file' && hasPassword)
    wrong('store', 'holds a password, which others may read here', 'Use store-file, or the variable LEASEHOLD_STORE.');
}

async function checkGenesis(options: ServeOptions, wrong: Wrong): Promise<void> {
  let name: SettingName = options.site === null ? 'nodes' : 'site';
  try {
    const site = await readSite(options);
    name = 'policy';
    readPolicy(options, site);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Its message begins with the file, or with the option.
    const { message, problem, exitCode, hint } = error;
    wrong(name, name === 'nodes' ? problem : message, hint, exitCode === USAGE ? USAGE : CONFIGURATION);
  }
}

function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && ['http:', 'https:'].includes(url.protocol);
}
