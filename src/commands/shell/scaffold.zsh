#compdef scaffold
# Completions of scaffold for zsh: the program itself says what can stand at the cursor.
_scaffold() {
    local kind line
    local -a lines values shown
    local current="${(Q)words[CURRENT]}"
    lines=("${(@f)$(command scaffold __complete "=$current" "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
    kind=$lines[1]
    if [[ $kind == files ]]; then
        [[ $current == --*=* ]] && compset -P '*='
        _files
        return
    fi
    for line in "${(@)lines[2,-1]}"; do
        [[ -n $line ]] || continue
        values+=("${line%%$'\t'*}")
        shown+=("${line//$'\t'/  }")
    done
    # A comma after a value takes the place of the space.
    compadd -Q -l -r ', ' -S ' ' -d shown -a values
}
if [[ $funcstack[1] == _scaffold ]]; then
    _scaffold "$@"
else
    compdef _scaffold scaffold
fi
