/** What a shell has to be told so that it completes `reindeer`. Each asks the program itself, as kubectl does for its plugins. */

const bash = `# reindeer completion bash: source it, say from ~/.bashrc
_reindeer() {
  local line directive=0 current="\${COMP_WORDS[COMP_CWORD]}"
  [ "$current" = "=" ] && current=""
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :[0-9]*) directive="\${line#:}" ;;
      *) line="\${line%%$'\\t'*}"; [[ "$line" == "$current"* ]] && COMPREPLY+=("$line") ;;
    esac
  done < <(reindeer __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  (( directive & 4 )) && compopt +o default
  return 0
}
complete -o default -F _reindeer reindeer
`;

const zsh = `#compdef reindeer
# reindeer completion zsh: source it after compinit, or save it as _reindeer in a folder of $fpath
_reindeer() {
  local line word prefix='' directive=0
  local -a found
  [[ "\${words[CURRENT]}" == --*=* ]] && prefix="\${words[CURRENT]%%=*}="
  for line in "\${(@f)$(reindeer __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case "$line" in
      :<->) directive="\${line#:}" ;;
      ?*) word="\${line%%$'\\t'*}"; found+=("\${word//:/\\\\:}\${\${line#"$word"}/$'\\t'/:}") ;;
    esac
  done
  if (( \${#found} )); then
    _describe 'reindeer' found -P "$prefix"
  elif (( ! (directive & 4) )); then
    _files
  fi
}
if [ "$funcstack[1]" = "_reindeer" ]; then
  _reindeer "$@"
else
  compdef _reindeer reindeer
fi
`;

const fish = `# reindeer completion fish: save it as ~/.config/fish/completions/reindeer.fish
function __reindeer_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    set -l prefix (string match -r -- '^--[a-z-]+=' "$current")
    set -l lines (reindeer __complete $words[2..-1] "$current" 2>/dev/null)
    for line in $lines[1..-2]
        echo "$prefix$line"
    end
    if test (count $lines) -eq 1 -a "$lines[-1]" = ":0"
        __fish_complete_path (string replace -r -- '^--[a-z-]+=' '' "$current")
    end
end
complete -c reindeer -f -a '(__reindeer_complete)'
`;

export const completionScripts = { bash, zsh, fish } as const;

export type Shell = keyof typeof completionScripts;

export const shells = Object.keys(completionScripts) as readonly Shell[];
