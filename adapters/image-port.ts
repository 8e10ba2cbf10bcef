/** Images as everybody knows them who needs some: how they are asked for, their limits, and why one could not be had. */

export const IMAGE_FORMATS = ['qcow2', 'raw', 'iso'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export interface WantedImage {
  /** As `sourceOf` has written it. */
  readonly source: string;
  readonly format: ImageFormat;
  /** What it must be; null: whatever comes. */
  readonly sha256: string | null;
  /** What has become of the image: it is read here, instead of at the source. Nobody writes it. */
  readonly disk?: DiskOnHost & SavedDisk;
}

/** Where the disk of a VM lies. */
export interface DiskOnHost {
  readonly uri: string;
  readonly lease: string;
  readonly vm: number;
}

export interface ImageProgress {
  readonly bytes: number;
  /** Null: the source does not say. */
  readonly total: number | null;
}

export interface HeldImage {
  readonly sha256: string;
  readonly bytes: number;
  /** The disk, as a guest sees it. */
  readonly virtualBytes: number;
}

/** A disk of a VM, which keeps only what differs from the image that it began with. */
export interface SavedDisk {
  readonly base: { readonly sha256: string; readonly format: ImageFormat };
}

/** Reads the disks of VMs where they are. */
export interface VmDisks {
  /** Copies a disk that nobody writes, as it is, to a new file. Throws an ImageError, or the reason of `signal`. */
  copy(lease: string, vm: number, file: string, signal: AbortSignal): Promise<SavedDisk>;
  /** The same, where it is known that nobody writes it. */
  read(disk: DiskOnHost, file: string, signal: AbortSignal): Promise<void>;
}

/** Who gets images, and keeps them. */
export interface ImageRepository {
  /** Whether disks of VMs can be made images here. */
  readonly takesDisks: boolean;
  /** The source as it is kept, judged as far as it can be by itself. Throws an ImageError. */
  sourceOf(text: string): string;
  /** Resolves when it is there for good. Throws an ImageError, or the reason of `signal`. */
  obtain(wanted: WantedImage, signal: AbortSignal, tell: (progress: ImageProgress) => void): Promise<HeldImage>;
  has(sha256: string): Promise<boolean>;
  /** The file of an image that is there: to be read, and by nobody written. */
  path(sha256: string): string;
  /** Removes the others. */
  keepOnly(isWanted: (sha256: string) => boolean): Promise<void>;
}

export interface ImageLimits {
  /** Of the file, and of the disk as a guest sees it. */
  readonly bytesMax: number;
  /** How often a fetch is begun, each going on where the one before ended; and the pause before the second, which doubles. */
  readonly triesMax: number;
  readonly pauseMs: number;
  /** From the request to its first bytes. */
  readonly answerMs: number;
  /** So much must come in so long; else the try is given up. */
  readonly stallMs: number;
  readonly stallBytes: number;
  /** For all of it. */
  readonly deadlineMs: number;
  /** What qemu-img may take. */
  readonly checkMs: number;
  readonly checkMemoryMiB: number;
  /** Fetched at once. */
  readonly atOnce: number;
  /** There can be so many. */
  readonly countMax: number;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
export const GIB = 1024 ** 3;

export const IMAGE_LIMITS: ImageLimits = {
  bytesMax: 256 * GIB,
  triesMax: 5,
  pauseMs: SECOND,
  answerMs: 30 * SECOND,
  stallMs: 30 * SECOND,
  stallBytes: 64 * 1024,
  deadlineMs: 6 * HOUR,
  checkMs: 300 * SECOND,
  checkMemoryMiB: 2048,
  atOnce: 2,
  countMax: 1000,
};

/** Why an image could not be had; stable, clients branch on them. */
export const IMAGE_FAILURES = [
  'source-refused',
  'source-failed',
  'too-large',
  'too-slow',
  'checksum-mismatch',
  'image-refused',
  'no-room',
] as const;
export type ImageFailure = (typeof IMAGE_FAILURES)[number];

/** `again`: trying once more makes sense, from the beginning where `anew`. The message is for people, without secrets. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly code: ImageFailure,
    message: string,
    readonly again: 'no' | 'yes' | 'anew' = 'no',
  ) {
    super(message);
  }
}
