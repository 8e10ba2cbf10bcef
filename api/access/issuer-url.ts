/** Where signed tokens and their keys may come from. */

/** Whether nobody on the way could answer in the issuer's place. */
export function isSafeIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL.includes(url.hostname));
}

const LOCAL = ['127.0.0.1', 'localhost', '[::1]'];
