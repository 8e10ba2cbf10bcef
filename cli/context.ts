/** `leasehold context …`: names for services, and which of them is meant when none is named. */

import { type Command, Option } from 'commander';
import { examples } from './examples.js';
import { outputOption } from './options.js';
import { FORMATS, type Printing } from './output.js';
import type { SetOptions } from './context-actions.js';

export function contextCommands(program: Command): void {
  const context = program.command('context').description('names for services, and the one that is meant by default');
  const actions = () => import('./context-actions.js');
  examples(
    context
      .command('set')
      .description('name a service, or change what is known of it')
      .argument('<name>', 'a name of your choice')
      .option('--url <url>', 'where it is')
      .addOption(new Option('--token-file <file>', 'file with the token').conflicts('tokenStdin'))
      .option('--token-stdin', 'read the token from stdin and keep it in the file of contexts (mode 0600)')
      .option('--use', 'use it from now on')
      .action(async (name: string, options: SetOptions) => (await actions()).setContext(name, options)),
    {
      'leasehold context set lab --url https://leasehold.example.org --token-file ~/lab.token --use':
        'from now on commands talk to that service',
    },
  );
  examples(
    context
      .command('use')
      .description('talk to this service from now on')
      .argument('<name>', 'of a context; - for none')
      .action(async (name: string) => (await actions()).useContext(name)),
    { 'leasehold context use lab': 'instead of the local service' },
  );
  const listed = context
    .command('list')
    .alias('ls')
    .description('list the services that have names; tokens are not shown')
    .addOption(outputOption(FORMATS))
    .action(async (options: Printing) => (await actions()).listContexts(options));
  examples(listed, { 'leasehold context list': 'where each is, and where its token lies' });
  const current = context
    .command('current')
    .description('print the name of the context in use; exit 3 where there is none')
    .action(async () => (await actions()).currentContext());
  examples(current, { 'leasehold context current': 'for a prompt' });
  const removed = context
    .command('remove')
    .alias('rm')
    .description('forget a service, and its token if it was kept')
    .argument('<name>', 'of a context')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => (await actions()).removeContext(name, options.yes));
  examples(removed, { 'leasehold context remove lab --yes': 'without being asked whether you mean it' });
}
