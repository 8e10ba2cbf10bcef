/**
 * What a VM is told of itself before its first start: cloud-init's NoCloud seed, on a disk labelled `cidata`. Its name
 * and keys are in `meta-data`; `user-data` is the user's word for word (but for the URL that it may ask to be told), so that
 * guests of any kind can read their own.
 */

import { stringify } from 'yaml';
import { READY_URL } from '../callback.js';
import { type IsoFile, isoImage } from './iso9660.js';

export interface Seed {
  /** Another one: the guest sets itself up anew. */
  readonly instance: string;
  readonly hostname: string;
  readonly sshKeys: readonly string[];
  /** Null: none. */
  readonly userData: string | null;
  /** What it asks for when it is ready; null: it need not. */
  readonly readyUrl: string | null;
  /** Null: DHCP on the first interface, as the guest's own default is. */
  readonly network: SeedNetwork | null;
}

/** Addresses by MAC, where nobody answers DHCP. */
export interface SeedNetwork {
  readonly nics: readonly {
    readonly mac: string;
    /** `10.77.3.7/24`; null: DHCP. */
    readonly address: string | null;
    readonly gateway: string | null;
    readonly nameservers: readonly string[];
  }[];
}

export const SEED_LABEL = 'cidata';

/** The image, some 60 KiB. The same seed makes the same image. */
export function seedImage(seed: Seed): Buffer {
  return isoImage(SEED_LABEL, seedFiles(seed));
}

export function seedFiles({ instance, hostname, sshKeys, userData, readyUrl, network }: Seed): IsoFile[] {
  const keys = sshKeys.length === 0 ? {} : { 'public-keys': sshKeys };
  const calls = readyUrl === null ? {} : { 'ready-url': readyUrl };
  const said = readyUrl === null ? userData : (userData?.replaceAll(READY_URL, readyUrl) ?? null);
  const files: readonly (readonly [string, string])[] = [
    ['meta-data', yaml({ 'instance-id': instance, 'local-hostname': hostname, ...keys, ...calls })],
    // Without this file the seed would be none.
    ['user-data', said ?? '#cloud-config\n{}\n'],
    ...(network === null ? [] : [['network-config', yaml(networkConfig(network))] as const]),
  ];
  return files.map(([name, text]) => ({ name, content: Buffer.from(text, 'utf8') }));
}

/** Version 2, the one that netplan reads. */
function networkConfig({ nics }: SeedNetwork): object {
  const ethernets = nics.map(({ mac, address, gateway, nameservers }, i) => [
    `nic${i}`,
    {
      match: { macaddress: mac },
      ...(address === null ? { dhcp4: true } : { addresses: [address] }),
      ...(gateway === null ? {} : { routes: [{ to: '0.0.0.0/0', via: gateway }] }),
      ...(nameservers.length === 0 ? {} : { nameservers: { addresses: nameservers } }),
    },
  ]);
  return { version: 2, ethernets: Object.fromEntries(ethernets) as object };
}

/** Quoted for readers of YAML 1.1, to which `no` and `1e3` are no texts; a line each, since some read by lines. */
function yaml(value: object): string {
  return stringify(value, { version: '1.1', lineWidth: 0 });
}
