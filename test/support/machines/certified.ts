/** Certificates by which the QEMU of a host shows the others that it is that host, whichever of them sends a VM. */

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from '../certificates.js';
import { type Host, MIGRATION_PKI } from './host.js';

/** `trusted`: the authority that it asks of others. */
export function certified(host: Host, by: Authority, trusted: Authority = by): void {
  const { cert, key } = by.sign(host.name, host.address);
  const put = (file: string, name: string) => copyFileSync(file, host.outside(join(MIGRATION_PKI, name)));
  put(trusted.cert, 'ca-cert.pem');
  for (const role of ['client', 'server']) {
    put(cert, `${role}-cert.pem`);
    put(key, `${role}-key.pem`);
  }
}
