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

/** An authority of its own, and what it signs. Needs openssl. */
export class Authority {
  readonly cert: string;
  private readonly key: string;

  constructor(
    private readonly directory: string,
    name: string,
  ) {
    const at = (end: string) => join(directory, `${name}.${end}`);
    [this.cert, this.key] = [at('crt'), at('key')];
    openssl('req', '-x509', ...KEY, '-subj', `/CN=${name}`, '-days', '2', '-keyout', this.key, '-out', this.cert);
  }

  /** For a server that is reached by the address, and for clients. */
  sign(name: string, address: string): CertificateFiles {
    const [cert, key] = [join(this.directory, `${name}.crt`), join(this.directory, `${name}.key`)];
    const by = ['-CA', this.cert, '-CAkey', this.key, '-days', '2'];
    const uses = ['-addext', `subjectAltName=IP:${address}`, '-addext', 'extendedKeyUsage=serverAuth,clientAuth'];
    const usage = [
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-addext',
      'keyUsage=critical,digitalSignature,keyEncipherment',
    ];
    openssl('req', '-x509', ...KEY, '-subj', `/CN=${name}`, ...uses, ...usage, ...by, '-keyout', key, '-out', cert);
    return { cert, key };
  }
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
