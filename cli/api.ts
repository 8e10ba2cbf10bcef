/** The operations of the service by method and path, typed by its OpenAPI document. */

import type { components, paths } from './generated/api.js';

export type LeaseView = components['schemas']['Lease'];
export type NodeView = components['schemas']['Node'];
export type DrainRequest = NonNullable<
  NonNullable<paths['/v1/nodes/{number}/drain']['post']['requestBody']>['content']['application/json']
>;
export type LeaseRequest = components['schemas']['LeaseRequest'];
export type NodeUsage = components['schemas']['NodeUsage'];
export type LeaseUsage = components['schemas']['LeaseUsage'];
export type Decisions = components['schemas']['Decisions'];
export type DryRunView = components['schemas']['DryRun'];
export type SlotView = components['schemas']['Slot'];
export type QuoteView = components['schemas']['Quote'];
export type WhatIfView = components['schemas']['WhatIf'];
export type PolicyView = components['schemas']['Policy'];
export type TokenView = components['schemas']['Token'];
export type ProjectView = components['schemas']['Project'];
export type ImageView = components['schemas']['Image'];
export type NetworkView = components['schemas']['Network'];
export type WebhookView = components['schemas']['Webhook'];
export type DiagnosticsView = paths['/v1/diagnostics']['get']['responses'][200]['content']['application/json'];
export type PolicyPatch = components['schemas']['PolicyPatch'];

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths that take a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Readonly<Record<M, object>> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> = paths[P] extends Readonly<Record<M, infer O>> ? O : never;

type Parameters<O> = O extends { readonly parameters: infer G } ? G : never;
/** What is undefined is left out. */
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

type PathParameters<O> = Parameters<O> extends { readonly path: infer X } ? { readonly path: X } : unknown;
type QueryParameters<O> =
  Parameters<O> extends { readonly query?: infer X }
    ? { readonly query?: Loose<Exclude<X, undefined>> | undefined }
    : unknown;
type Body<O> = O extends { readonly requestBody: { readonly content: infer C } }
  ? { readonly body: C[keyof C] }
  : O extends { readonly requestBody?: { readonly content: infer C } }
    ? { readonly body?: C[keyof C] | undefined }
    : unknown;

/** What an operation is asked with. */
export type Ask<M extends Method, P extends keyof paths> = PathParameters<Operation<M, P>> &
  QueryParameters<Operation<M, P>> &
  Body<Operation<M, P>>;

type Json<R> = R extends { content: { readonly 'application/json': infer J } } ? J : never;

/** What it answers when all is well. */
export type Answer<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { readonly responses: infer R } ? Json<R[keyof R & (200 | 201 | 202)]> : never;

export type MeView = Answer<'get', '/v1/me'>;
export type NewTokenView = Answer<'post', '/v1/tokens'>;
export type NewWebhookView = Answer<'post', '/v1/webhooks'>;

/** What the pages of a list are made of. */
export type Item<P extends keyof paths> = Answer<'get', P> extends { readonly items: readonly (infer I)[] } ? I : never;

/** The path with its parameters in place, and the query behind it; relative, so that a service may live under a path. */
export function urlOf(
  template: string,
  path: Readonly<Record<string, unknown>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) search.append(name, String(one));
  const text = search.toString();
  return `${filled.replace(/^\//, '')}${text === '' ? '' : `?${text}`}`;
}
