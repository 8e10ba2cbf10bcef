// usage: node ask-host.mjs URI: what a host has, asked as when it is registered; for tests that ask from where they are not
import { connectLibvirt } from '../../../dist/adapters/libvirt/binding/libvirt.js';
import { lookAtHost } from '../../../dist/adapters/libvirt/look.js';

const verdict = await lookAtHost({ connect: connectLibvirt, directory: '/srv/local/leasehold' }, process.argv[2], true);
process.stdout.write(JSON.stringify(verdict), () => process.exit());
