/** The certificate that the service listens with: read and checked as one, and read again while it runs. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  /** The files' content: what Node listens with. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** When it is of no use any more, in milliseconds since 1970. */
  readonly expires: number;
}

/** Older versions of TLS are broken. */
export const TLS_VERSION_MIN = 'TLSv1.2';
const BYTES_MAX = 1024 * 1024;
/** Others than the owner must not write the key, and those outside its group not even read it. */
const KEY_MODE_REFUSED = 0o037;

/** What is wrong with one of the two files. */
export class TlsError extends Error {
  override readonly name = 'TlsError';

  constructor(
    readonly file: keyof TlsFiles,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** Throws a TlsError where a server with them would not work, or the key is not safe. */
export function readCertificate(files: TlsFiles): Certificate {
  const cert = readPem(files, 'cert');
  const key = readPem(files, 'key');
  const { mode } = statSync(files.key);
  if ((mode & KEY_MODE_REFUSED) !== 0)
    throw new TlsError(
      'key',
      `${files.key} can be read by everybody, or written by others`,
      `Run: chmod 600 ${files.key}`,
    );
  const parsed = certificateIn(cert, files.cert);
  let matches = false;
  try {
    matches = parsed.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new TlsError('key', `${files.key} holds no key that can be used`, 'Name a key in PEM without a passphrase.');
  }
  if (!matches)
    throw new TlsError('key', `${files.key} is not the key of ${files.cert}`, 'Name the key that it was made for.');
  return { cert, key, expires: Date.parse(parsed.validTo) };
}

function readPem(files: TlsFiles, which: keyof TlsFiles): Buffer {
  const file = files[which];
  try {
    if (statSync(file).size > BYTES_MAX)
      throw new TlsError(which, `${file} has more than 1 MiB`, 'Is this the right file?');
    return readFileSync(file);
  } catch (error) {
    if (error instanceof TlsError) throw error;
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new TlsError(which, `${file} cannot be read (${code})`, 'Check the path and its permissions.');
  }
}

/** The first one is the service's own. */
function certificateIn(pem: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new TlsError('cert', `${file} holds no certificate`, 'Name a certificate in PEM, the service’s own first.');
  }
}
