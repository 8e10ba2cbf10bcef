/** The headers by which a receiver knows who has sent a webhook, as Standard Webhooks has them (www.standardwebhooks.com). */

import { createHmac } from 'node:crypto';

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** `seconds`: of this attempt, since 1970. Of several secrets each signs: a receiver takes what any of them has signed. */
export function signedHeaders(id: string, seconds: number, body: string, secrets: readonly Buffer[]): SignedHeaders {
  const signatures = secrets.map((secret) => {
    const digest = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`, 'utf8').digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
