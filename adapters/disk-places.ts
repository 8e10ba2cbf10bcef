/**
 * Where disks of VMs may lie on a host: in the service's own directory there, and in those that labels of its node name.
 * `disks-ssd: /mnt/ssd` is a directory of this host alone; with `disks-vault: vault:/mnt/vault` all hosts whose label says
 * `vault` as well have the same one.
 */

/** The service's own directory, by the setting of its name. */
export const OWN_PLACE = 'vm-dir';

export interface DiskPlace {
  readonly directory: string;
  /** What it is called by hosts that share it; null: it is this host's alone. */
  readonly storage: string | null;
}

const LABEL = /^disks-([a-z0-9][a-z0-9-]{0,31})$/;
const VALUE = /^(?:([A-Za-z0-9][A-Za-z0-9._-]{0,31}):)?((?:\/[A-Za-z0-9_][A-Za-z0-9._-]{0,63}){1,8})$/;

/** By name. Labels that make no sense name none. */
export function diskPlaces(labels: Readonly<Record<string, string>>): ReadonlyMap<string, DiskPlace> {
  const places = new Map<string, DiskPlace>();
  for (const [label, value] of Object.entries(labels)) {
    const [, name] = LABEL.exec(label) ?? [];
    const [, storage = null, directory] = VALUE.exec(value) ?? [];
    if (name !== undefined && directory !== undefined) places.set(name, { directory, storage });
  }
  return places;
}

/** As it is written in labels, orders and metadata. */
export function isDirectory(text: string): boolean {
  return VALUE.exec(text)?.[2] === text;
}
