/** An issuer of signed tokens (OpenID Connect) on this machine: a real HTTP server with keys that can be changed. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export const AUDIENCE = 'leasehold';

interface Key {
  readonly id: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export class Issuer {
  keys: Key[] = [];
  /** What is answered instead of documents. */
  trouble: 'none' | 'status' | 'garbage' | 'endless' | 'redirect' | 'silence' = 'none';
  asked = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = new Issuer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      issuer.asked++;
      switch (issuer.trouble) {
        case 'status':
          return response.writeHead(500).end();
        case 'garbage':
          return response.end('{"keys":"none"');
        case 'endless':
          return response.end(JSON.stringify({ keys: [], padding: 'x'.repeat(1_000_000) }));
        case 'redirect':
          return response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
        case 'silence':
          return undefined;
        case 'none': {
          const document =
            request.url === '/keys'
              ? { keys: issuer.keys.map(({ jwk }) => jwk) }
              : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
          return response.end(JSON.stringify(document));
        }
      }
    });
    await issuer.rotate('first');
    return issuer;
  }

  /** From now on there is this key, and no other. */
  async rotate(id: string, alg = 'ES256'): Promise<Key> {
    const key = await newKey(id, alg);
    this.keys = [key];
    return key;
  }

  /** A token of `claims`, valid for an hour unless they say otherwise. */
  sign(claims: JWTPayload, key: Key = this.keys[0]!): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, aud: AUDIENCE, iat: now, exp: now + 3600, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.id })
      .sign(key.privateKey);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export async function newKey(id: string, alg = 'ES256'): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  return { id, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: id, alg, use: 'sig' } };
}
