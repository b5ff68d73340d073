# Completions of scaffold for elvish: the program itself says what can stand at the cursor.
use str
set edit:completion:arg-completer[scaffold] = {|@words|
    var lines = [(try { (external scaffold) __complete '='$words[-1] (all $words[1..-1]) 2>/dev/null | from-lines } catch _ { nop })]
    if (and (> (count $lines) 0) (eq $lines[0] files)) {
        edit:complete-filename $words[-1]
    } elif (> (count $lines) 1) {
        for line $lines[1..] {
            var parts = [(str:split "\t" $line)]
            var shown = (str:join '  ' $parts)
            edit:complex-candidate $parts[0] &display=$shown
        }
    }
}
