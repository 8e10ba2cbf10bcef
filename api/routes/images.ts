/** Images: registered, listed, fetched again, removed. */

import { randomUUID } from 'node:crypto';
import { ImageError, type ImageFormat } from '../../adapters/image-port.js';
import type { LeaseId } from '../../engine/index.js';
import type { Caller } from '../access/caller.js';
import { changeNote, keepNote } from '../access/keep.js';
import type { RouteDeps, Server } from '../deps.js';
import { formatInstant } from '../formats.js';
import type { ImageKeeperPort } from '../images/keeper-port.js';
import {
  imageNames,
  imageNote,
  type ImageNote,
  imagesInUse,
  isReady,
  keyOfImage,
  namedInTerms,
  readImage,
  writtenImage,
} from '../images/image-notes.js';
import { answerList, numberedList } from '../lists.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem, quoted } from '../problems.js';
import { ListQuery } from '../schemas/cluster.js';
import { ImagePage, ImageParams, ImageRequest, Image as ImageShape, type ImageView } from '../schemas/image.js';

interface ImageDeps extends RouteDeps {
  readonly images: ImageKeeperPort;
}

const tags = ['cluster'];

export function imageRoutes(app: Server, deps: RouteDeps): void {
  listRoute(app, deps);
  readRoute(app, deps);
  // The past fetches nothing.
  const { images } = deps;
  if (images === null) return;
  const known: ImageDeps = { ...deps, images };
  addRoute(app, known);
  fetchRoute(app, known);
  removeRoute(app, known);
}

function addRoute(app: Server, deps: ImageDeps): void {
  const schema = {
    operationId: 'addImage',
    tags,
    summary: 'Register an image, and fetch it',
    description:
      'Answered at once; `state` tells when it is there. Each VM has a disk of its own that begins with an image; only of one that ' +
      'is `persistent` the disk becomes the image when the lease is over. As soon as there is one, leases may name only images that are registered.',
    body: ImageRequest,
    response: answers(
      { 201: ['The image.', named('Image')] },
      ...BODY_PROBLEMS,
      'image-exists',
      'image-limit',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/images', { schema }, async ({ body, caller }, reply) => {
    const { name, format, sha256 = null, persistent = false } = body;
    if (persistent) mayBeWritten(format, deps.images);
    const note: ImageNote = {
      source: sourceIn(body.source, deps.images),
      format,
      sha256,
      created: Date.now(),
      by: caller.subject,
      attempt: randomUUID(),
      result: null,
      ...(persistent ? { persistent } : {}),
    };
    const { countMax } = deps.images.limits;
    if (imageNames(deps.follower.state.notes).length >= countMax)
      throw new Problem('image-limit', `there are ${countMax} images already; remove one of them`);
    if (!(await keepNote(deps, { key: keyOfImage(name), value: writtenImage(note), expected: null })))
      throw new Problem('image-exists', `there is an image ${name} already`);
    reply.code(201).header('location', `/v1/images/${name}`);
    return viewOf(deps, name, caller);
  });
}

function listRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listImages',
    tags,
    summary: 'List images, by name',
    description: LIST_FORMATS,
    querystring: ListQuery,
    response: listAnswers(['A page of images.', ImagePage]),
  };
  app.get('/images', { schema }, (request, reply) => {
    const { state } = deps.follower;
    const used = imagesInUse(state);
    const view = (name: string): ImageView => viewOf(deps, name, request.caller, used);
    return answerList(numberedList(ImageShape, imageNames(state.notes), view), request, reply, deps);
  });
}

function readRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'readImage',
    tags,
    summary: 'Read an image, and how far it has come',
    params: ImageParams,
    response: answers({ 200: ['The image.', named('Image')] }, 'image-unknown'),
  };
  app.get('/images/:name', { schema }, async ({ params, caller }) => viewOf(deps, params.name, caller));
}

function fetchRoute(app: Server, deps: ImageDeps): void {
  const schema = {
    operationId: 'fetchImage',
    tags,
    summary: 'Fetch an image again that could not be had',
    params: ImageParams,
    response: answers({ 200: ['The image.', named('Image')] }, 'image-unknown', 'image-state', ...WRITE_PROBLEMS),
  };
  app.post('/images/:name/fetch', { schema }, async ({ params: { name }, caller }) => {
    await changeNote(deps, keyOfImage(name), (text) => {
      if (text === null) throw unknown(name);
      const note = readImage(text);
      if (isReady(note.result))
        throw new Problem('image-state', 'it is there; to have another one, remove it and register it again');
      return writtenImage({ ...note, attempt: randomUUID(), result: null });
    });
    return viewOf(deps, name, caller);
  });
}

function removeRoute(app: Server, deps: ImageDeps): void {
  const schema = {
    operationId: 'removeImage',
    tags,
    summary: 'Remove an image that no lease uses',
    description: 'What is under way is broken off.',
    params: ImageParams,
    response: answers(
      { 200: ['The image as it was.', named('Image')] },
      'image-unknown',
      'image-in-use',
      ...WRITE_PROBLEMS,
    ),
  };
  app.delete('/images/:name', { schema }, async ({ params: { name }, caller }) => {
    const view = viewOf(deps, name, caller);
    if (view.leases > 0) throw new Problem('image-in-use', `${view.leases} leases that are not over use the image`);
    await changeNote(deps, keyOfImage(name), () => null);
    return view;
  });
}

function sourceIn(text: string, images: ImageKeeperPort): string {
  try {
    return images.sourceOf(text);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new Problem('request-invalid', `/source ${error.message}`, [{ pointer: '/source', detail: error.message }]);
  }
}

/** Throws a Problem. */
function mayBeWritten(format: ImageFormat, { takesDisks }: ImageKeeperPort): void {
  const detail = !takesDisks
    ? 'takes --cluster libvirt, and qemu-img on the machine of the service'
    : format !== 'qcow2'
      ? 'is for images in the format qcow2'
      : null;
  if (detail !== null)
    throw new Problem('request-invalid', `/persistent ${detail}`, [{ pointer: '/persistent', detail }]);
}

function viewOf(
  { follower: { state }, images }: RouteDeps,
  name: string,
  caller: Caller,
  used: ReadonlyMap<string, readonly LeaseId[]> = imagesInUse(state),
): ImageView {
  const note = imageNote(state.notes, name);
  if (note === null) throw unknown(name);
  const { source, format, sha256, created, by, result, use } = note;
  const failure = isReady(result) ? (use?.save?.failure ?? null) : result;
  const ready = isReady(result) ? result : null;
  const progress = images?.progress(name) ?? null;
  return {
    name,
    source: caller.can('cluster:write') ? source : source.replace(/\?.*$/s, ''),
    format,
    persistent: note.persistent === true,
    state:
      use?.save !== undefined
        ? 'saving'
        : ready !== null
          ? 'ready'
          : result !== null
            ? 'failed'
            : progress === null
              ? 'pending'
              : 'fetching',
    sha256: ready?.sha256 ?? sha256,
    bytes: ready?.bytes ?? null,
    virtualBytes: ready?.virtualBytes ?? null,
    progress,
    failure: failure === null ? null : { ...failure },
    leases: ready === null ? 0 : (used.get(namedInTerms(name, note, ready.sha256))?.length ?? 0),
    created: formatInstant(created),
    by,
  };
}

function unknown(name: string): Problem {
  return new Problem('image-unknown', `there is no image ${quoted(name)}`);
}
