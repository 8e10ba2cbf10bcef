/** `leasehold webhook …`: where events are sent. */

import type { Command } from 'commander';
import { confirm } from './confirm.js';
import { examples } from './examples.js';
import { collect, FORMATS_OF_ONE, remote, type RemoteOptions, wholeNumber } from './options.js';
import type { ChangeOptions, WebhookOptions } from './webhook-actions.js';

export function webhookCommands(program: Command): void {
  const webhook = program
    .command('webhook')
    .description('have events sent to a URL: make, try out and watch over webhooks');
  const filtered = (command: Command): Command =>
    command
      .option('--name <text>', 'what it is for')
      .option('--type <event>', 'only events of this type: VmsStarted; may be given again', collect)
      .option('--lease <lease>', 'only events about this lease; may be given again', collect)
      .option('--project <name>', 'only events about leases of this project; may be given again', collect);
  const created = filtered(remote(webhook.command('create'), FORMATS_OF_ONE))
    .description('have events sent to a URL from now on; the secret that signs is shown this once')
    .argument('<url>', 'where to, by https')
    .action(async (url: string, options: RemoteOptions & WebhookOptions) => (await actions()).create(url, options));
  examples(created, {
    'leasehold webhook create https://example.org/hooks': 'all that you may hear of',
    'leasehold webhook create https://example.org/hooks --type VmsStarted --type LeaseEnded': 'beginnings and ends',
  });
  const listed = remote(webhook.command('list').alias('ls'))
    .description('list webhooks')
    .action(async (options: RemoteOptions) => (await actions()).list(options));
  examples(listed, { 'leasehold webhook list': 'webhooks that you know of' });
  const shown = remote(webhook.command('show'), FORMATS_OF_ONE)
    .description('show a webhook, and how it does')
    .argument('<webhook>', 'the id of the webhook')
    .action(async (id: string, options: RemoteOptions) => (await actions()).show(id, options));
  examples(shown, { 'leasehold webhook show WEBHOOK': 'where it goes, and how far it is' });
  const last = remote(webhook.command('deliveries'))
    .description('list what became of the last deliveries, the latest first')
    .argument('<webhook>', 'the id of the webhook')
    .action(async (id: string, options: RemoteOptions) => (await actions()).deliveries(id, options));
  examples(last, { 'leasehold webhook deliveries WEBHOOK': 'what was sent, and answered' });
  const changed = filtered(remote(webhook.command('set'), FORMATS_OF_ONE))
    .description('change a webhook; with --enable it goes on where it stopped')
    .argument('<webhook>', 'the id of the webhook')
    .option('--to <url>', 'where to send from now on')
    .option('--enable', 'switch it on again')
    .option('--disable', 'switch it off')
    .action(async (id: string, options: RemoteOptions & ChangeOptions) => (await actions()).change(id, options));
  examples(changed, { 'leasehold webhook set WEBHOOK --enable': 'deliver again, once the receiver is well' });
  const tested = remote(webhook.command('test'), FORMATS_OF_ONE)
    .description('send something now, to see whether it arrives')
    .argument('<webhook>', 'the id of the webhook')
    .action(async (id: string, options: RemoteOptions) => (await actions()).test(id, options));
  examples(tested, { 'leasehold webhook test WEBHOOK': 'exit code 0 if it was taken' });
  const replayed = remote(webhook.command('replay'), FORMATS_OF_ONE)
    .description('send again what came after a turn')
    .argument('<webhook>', 'the id of the webhook')
    .requiredOption('--after <turn>', 'later turns', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .action(async (id: string, options: RemoteOptions & { readonly after: number }) =>
      (await actions()).replay(id, options),
    );
  examples(replayed, { 'leasehold webhook replay WEBHOOK --after 1': 'all but the first turn' });
  const rotated = remote(webhook.command('rotate'), FORMATS_OF_ONE)
    .description('give a webhook another secret; for a day the one before signs beside it')
    .argument('<webhook>', 'the id of the webhook')
    .action(async (id: string, options: RemoteOptions) => (await actions()).rotate(id, options));
  examples(rotated, { 'leasehold webhook rotate WEBHOOK': 'the new secret is shown this once' });
  const deleted = remote(webhook.command('delete'), FORMATS_OF_ONE)
    .description('delete a webhook: nothing is sent any more')
    .argument('<webhook>', 'the id of the webhook')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: RemoteOptions & { readonly yes?: boolean }) => {
      await confirm(`Delete the webhook ${id}?`, options.yes);
      await (await actions()).remove(id, options);
    });
  examples(deleted, { 'leasehold webhook delete WEBHOOK --yes': 'without being asked' });
}

function actions() {
  return import('./webhook-actions.js');
}
