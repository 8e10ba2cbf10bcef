/** `leasehold completion SHELL`: a script that completes commands, options and their choices. */

import { Argument, type Command } from 'commander';

export function completionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a completion script, for example: source <(leasehold completion bash)')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { write } = await import('./output.js');
      await write(SCRIPTS[shell](wordsOf(program)));
    });
}

/** What may follow a command: `leasehold lease` → its subcommands and options. */
interface Words {
  readonly path: string;
  readonly commands: readonly string[];
  readonly options: readonly string[];
  /** Choices of options and arguments. */
  readonly choices: readonly { readonly after: string; readonly values: readonly string[] }[];
}

const SCRIPTS = { bash, zsh: (words: readonly Words[]) => `#compdef leasehold\n${ZSH_PRELUDE}${bash(words)}`, fish };

const ZSH_PRELUDE = 'autoload -U +X bashcompinit && bashcompinit\n';

function wordsOf(command: Command, path = command.name()): Words[] {
  const choices = command.options
    .filter(({ argChoices }) => argChoices !== undefined)
    .flatMap(({ long, short, argChoices }) =>
      [long, short]
        .filter((flag) => flag !== undefined && flag !== null)
        .map((after) => ({ after, values: argChoices! })),
    );
  const positional = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const own: Words = {
    path,
    commands: [...command.commands.map((one) => one.name()), ...positional],
    options: command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
    choices,
  };
  return [own, ...command.commands.flatMap((one) => wordsOf(one, `${path} ${one.name()}`))];
}

function bash(words: readonly Words[]): string {
  const cases = words.map(
    ({ path, commands, options }) => `    "${path}") words="${[...commands, ...options].join(' ')}" ;;`,
  );
  const choices = words.flatMap(({ path, choices: of }) =>
    of.map(({ after, values }) => `    "${path} ${after}") words="${values.join(' ')}" ;;`),
  );
  return `# leasehold completion for bash
_leasehold() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="leasehold" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${words.map(({ path }) => `      "${path}") path="${path}" ;;`).join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$path $previous" in
${choices.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F _leasehold leasehold
`;
}

function fish(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, options, choices }) => {
    const parts = path.split(' ').slice(1);
    const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`).join('; and ');
    const condition = parts.length === 0 ? '__fish_use_subcommand' : seen;
    const flags = options.map((option) => {
      const values = choices.find(({ after }) => after === option)?.values;
      return `complete -c leasehold -n '${condition}' -l ${option.slice(2)}${values ? ` -x -a '${values.join(' ')}'` : ''}`;
    });
    const names =
      commands.length === 0 ? [] : [`complete -c leasehold -f -n '${condition}' -a '${commands.join(' ')}'`];
    return [...names, ...flags];
  });
  return `# leasehold completion for fish\n${lines.join('\n')}\n`;
}
