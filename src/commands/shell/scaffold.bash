# Completions of scaffold for bash: the program itself says what can stand at the cursor.
_scaffold() {
    local word line kind='' before='' words=() reply=() at
    # Bash takes a word apart at `=` and `:`; here it is one again.
    for ((at = 1; at <= COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if ((${#words[@]})) && { [[ $word == [=:]* && $before != ' ' ]] || [[ $before == [=:] ]]; }; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        before=${word: -1}
    done
    local current=${words[-1]}
    unset 'words[-1]'
    while IFS= read -r line; do
        if [[ -z $kind ]]; then
            kind=$line
        else
            reply+=("${line%%$'\t'*}")
        fi
    done < <(command scaffold __complete "=$current" "${words[@]}" 2>/dev/null)
    COMPREPLY=()
    if [[ $kind == files ]]; then
        local given=${current#--*=}
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$given")
        compopt -o filenames 2>/dev/null
        return
    fi
    # What stands before the part that bash completes is there already.
    local there=${current%"${COMP_WORDS[COMP_CWORD]#[=:]}"}
    for word in "${reply[@]}"; do COMPREPLY+=("${word#"$there"}"); done
}
complete -F _scaffold scaffold
