#!/usr/bin/env bash
# CPU time of cookiecutter, copier and cargo-generate for a template of 1,000 files, beside `cp -r` of the same files.
# Installs them below target/peers, which takes minutes, and touches nothing else. Only for who asks for it:
#   bash benches/peers.sh
set -euo pipefail
cd "$(dirname "$0")/.."
tools="$PWD/target/peers" count="${COUNT:-1000}"
mkdir -p "$tools"
test -d "$tools/python" || python3 -m venv "$tools/python"
"$tools/python/bin/pip" install --quiet cookiecutter==2.6.0 copier==9.10.2
test -x "$tools/bin/cargo-generate" || cargo install --quiet --locked cargo-generate --root "$tools"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" GIT_CONFIG_GLOBAL="$work/gitconfig"
mkdir "$HOME"
git config --global user.name A && git config --global user.email a@example.org

# files FOLDER SUFFIX EXPRESSION: the same files, each with four values.
files() {
  for ((i = 0; i < count; i++)); do
    mkdir -p "$1/d$((i / 50))"
    { for _ in 1 2 3 4; do echo "Made for $3."; done; yes 'A line without a value.' | head -20; } >"$1/d$((i / 50))/f$i.md$2"
  done
}
files "$work/cookiecutter/{{cookiecutter.name}}" '' '{{ cookiecutter.color }}'
echo '{"name": "made", "color": "red"}' >"$work/cookiecutter/cookiecutter.json"
files "$work/copier" .jinja '{{ color }}'
echo 'color: {type: str, default: red}' >"$work/copier/copier.yml"
files "$work/cargo" '' '{{ color }}'
printf '[template]\n[placeholders.color]\ntype = "string"\nprompt = "?"\ndefault = "red"\n' >"$work/cargo/cargo-generate.toml"

TIMEFORMAT='%U + %S s'
measure() { printf '%-16s ' "$1"; time "${@:2}" >/dev/null 2>&1; }
cd "$work"
measure 'cp -r' cp -r copier copied
measure cookiecutter "$tools/python/bin/cookiecutter" --no-input -o made-cookiecutter cookiecutter
measure copier "$tools/python/bin/copier" copy --defaults --quiet copier made-copier
measure cargo-generate "$tools/bin/cargo-generate" generate --silent --path cargo --name made -d color=red
