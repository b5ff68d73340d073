#!/bin/sh
# Installs what lies beside this file below a folder: ./install.sh [FOLDER], by default ~/.local
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
if test -z "${1-}" && test -z "${HOME-}"; then
  echo "error: there is no home folder; name one: ./install.sh FOLDER" >&2
  exit 2
fi
to="${1:-${HOME-}/.local}"
mkdir -p "$to/bin" "$to/share/man/man1" "$to/share/bash-completion/completions" "$to/share/zsh/site-functions" \
  "$to/share/fish/vendor_completions.d" || { echo "error: cannot write below $to; name another folder: ./install.sh FOLDER" >&2; exit 1; }
# Beside it first and then renamed, so that a program that runs is not written into.
cp "$here/scaffold" "$to/bin/.scaffold.new" && mv "$to/bin/.scaffold.new" "$to/bin/scaffold"
cp "$here/man/"*.1 "$to/share/man/man1/"
cp "$here/completions/scaffold.bash" "$to/share/bash-completion/completions/scaffold"
cp "$here/completions/_scaffold" "$to/share/zsh/site-functions/_scaffold"
cp "$here/completions/scaffold.fish" "$to/share/fish/vendor_completions.d/scaffold.fish"
echo "installed $("$to/bin/scaffold" --version) as $to/bin/scaffold"
other="$(command -v scaffold || true)"
if test -z "$other"; then
  echo "add $to/bin to PATH"
elif test "$other" != "$to/bin/scaffold"; then
  echo "another one comes first on PATH: $other"
fi
