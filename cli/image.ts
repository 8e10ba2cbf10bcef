/** `leasehold image …`: what VMs begin with. */

import { type Command, Option } from 'commander';
import type { ImageFormat } from '../adapters/image-port.js';
import { confirm } from './confirm.js';
import { examples } from './examples.js';
import type { AddOptions, WaitOptions } from './image-actions.js';
import { changing, FORMATS_OF_ONE, remote, type RemoteOptions } from './options.js';

/** Every command reads this file: nothing is loaded for it. */
const FORMATS: readonly ImageFormat[] = ['qcow2', 'raw', 'iso'];

export function imageCommands(program: Command): void {
  const image = program.command('image').description('disk images: register, watch and remove them');
  const waiting = (command: Command): Command =>
    command.option('--wait', 'until it is there; a failure is the exit code');
  const added = waiting(changing(image.command('add'), FORMATS_OF_ONE))
    .description('register an image, and have it fetched')
    .argument('<name>', 'what leases call it')
    .argument(
      '<source>',
      'an https, http or ftp URL, a path of the machine of the service, or lease:LEASE/VM: the disk of a VM',
    )
    .addOption(new Option('--format <format>', 'what it is').choices(FORMATS).default('qcow2'))
    .option('--sha256 <digest>', 'what its SHA-256 must be')
    .option('--persistent', 'what the VM that has it writes stays in it; one lease has it at a time')
    .action(async (name: string, source: string, options: AddOptions) => (await actions()).add(name, source, options));
  examples(added, {
    'leasehold image add debian-12 https://example.org/debian-12.qcow2 --sha256 DIGEST --wait': 'and wait for it',
    'leasehold image add home /srv/images/home.qcow2 --persistent': 'what its VM writes is there the next time',
    'leasehold image add tools /srv/images/tools.iso --format iso': 'a file below a directory of --image-root',
  });
  const listed = remote(image.command('list').alias('ls'))
    .description('list images')
    .action(async (options: RemoteOptions) => (await actions()).list(options));
  examples(listed, { 'leasehold image list': 'what there is, and what is on its way' });
  const shown = remote(image.command('show'), FORMATS_OF_ONE)
    .description('show an image, and how far it has come')
    .argument('<image>', 'the name of the image')
    .action(async (name: string, options: RemoteOptions) => (await actions()).show(name, options));
  examples(shown, { 'leasehold image show debian-12': 'where it is from, and what is in it' });
  const again = waiting(changing(image.command('fetch'), FORMATS_OF_ONE))
    .description('fetch an image again that could not be had')
    .argument('<image>', 'the name of the image')
    .action(async (name: string, options: WaitOptions) => (await actions()).fetch(name, options));
  examples(again, { 'leasehold image fetch debian-12 --wait': 'after what was wrong has been put right' });
  const removed = changing(image.command('remove').alias('rm'), FORMATS_OF_ONE)
    .description('remove an image that no lease uses')
    .argument('<image>', 'the name of the image')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: RemoteOptions & { readonly yes?: boolean }) => {
      await confirm(`Remove the image ${name}?`, options.yes);
      await (await actions()).remove(name, options);
    });
  examples(removed, { 'leasehold image remove debian-12 --yes': 'without being asked' });
}

function actions() {
  return import('./image-actions.js');
}
