# Completions of scaffold for fish: the program itself says what can stand at the cursor.
function __scaffold_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    set -l lines (command scaffold __complete "=$current" $words[2..] 2>/dev/null)
    if test "$lines[1]" = files
        set -l before (string match -r -- '^--[^=]*=' "$current")
        for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current"))
            echo -- "$before$path"
        end
    else
        printf '%s\n' $lines[2..]
    end
end
complete -c scaffold -f -a '(__scaffold_complete)'
