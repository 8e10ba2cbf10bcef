/** Certificates for this machine, made when a test needs them. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Signed by itself, good for `days` from now on. Needs openssl. */
export function makeCertificate(directory: string, name: string, days = 2): CertificateFiles {
  const cert = join(directory, `${name}.crt`);
  const key = join(directory, `${name}.key`);
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...names];
  execFileSync('openssl', [...made, '-days', String(days), '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}
