/** Who gets images, as routes know them. */

import type { ImageLimits, ImageProgress } from '../../adapters/image-port.js';

export interface ImageKeeperPort {
  readonly limits: Pick<ImageLimits, 'atOnce' | 'countMax'>;
  /** Whether disks of VMs can be made images here. */
  readonly takesDisks: boolean;
  /** The source as it is kept. Throws an ImageError. */
  sourceOf(text: string): string;
  /** How far it has come; null: it is not being fetched here. */
  progress(name: string): ImageProgress | null;
}
