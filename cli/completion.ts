/** `leasehold completion SHELL`: a script that asks this program what may come next, so that it never is out of date. */

import { Argument, type Command } from 'commander';
import { examples } from './examples.js';

export function completionCommand(program: Command): void {
  const command = program
    .command('completion')
    .description('print a completion script for your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: keyof typeof SCRIPTS) => (await import('./output.js')).write(SCRIPTS[shell]));
  examples(command, {
    'leasehold completion bash': 'in ~/.bashrc: source <(leasehold completion bash)',
    'leasehold completion zsh':
      'as a file _leasehold in a directory of $fpath; or in ~/.zshrc: source <(leasehold completion zsh)',
    'leasehold completion fish': 'as ~/.config/fish/completions/leasehold.fish',
  });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      const { candidatesFor } = await import('./complete.js');
      const { printable } = await import('./errors.js');
      const { write } = await import('./output.js');
      const found = await candidatesFor(program, words);
      await write(found.map(({ text, about }) => `${text}\t${printable(about).replaceAll('\n', ' ')}\n`).join(''));
    });
}

/** Each asks with the words so far, and is answered a candidate a line: the text, a tab, what it is. */
const SCRIPTS = {
  bash: `# leasehold completion for bash
_leasehold() {
  local line current="\${COMP_WORDS[COMP_CWORD]}"
  # Bash takes --state=a apart; the program takes it whole.
  local text="\${COMP_LINE:0:COMP_POINT}" words=()
  read -ra words <<<"$text"
  [[ "$text" == *[[:space:]] ]] && words+=("")
  local asked="\${words[\${#words[@]}-1]}" cut=""
  [[ "$asked" == *=* && "$current" != *=* ]] && cut="\${asked%%=*}="
  COMPREPLY=()
  while IFS= read -r line; do
    line="\${line%%$'\\t'*}"
    [[ -n "$line" ]] && COMPREPLY+=("\${line#"$cut"}")
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F _leasehold leasehold
`,
  zsh: `#compdef leasehold
_leasehold() {
  local line
  local -a found
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe -V leasehold found
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _leasehold ]]; then
  _leasehold "$@"
else
  compdef _leasehold leasehold
fi
`,
  fish: `# leasehold completion for fish
function __leasehold_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete -- $words[2..-1] 2>/dev/null
end
complete -c leasehold -e
complete -c leasehold -f -k -n 'test (count (__leasehold_complete)) -gt 0' -a '(__leasehold_complete)'
complete -c leasehold -F -n 'test (count (__leasehold_complete)) -eq 0'
`,
};
