#!/usr/bin/env bash
# CPU time of an update with edits of the user's, beside copier's update of a project with the same files and beside
# `git merge-file` on the files that both changed. Installs copier below target/peers; only for who asks for it:
#   cargo build --release && bash benches/update.sh
set -euo pipefail
cd "$(dirname "$0")/.."
tools="$PWD/target/peers" program="${PROGRAM:-$PWD/target/release/scaffold}"
mkdir -p "$tools"
test -d "$tools/python" || python3 -m venv "$tools/python"
"$tools/python/bin/pip" install --quiet copier==9.19.0

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" GIT_CONFIG_GLOBAL="$work/gitconfig"
mkdir "$HOME"
git config --global user.name A && git config --global user.email a@example.org && git config --global init.defaultBranch main
cd "$work"
init() { "$program" init "$1" --auto --quiet --author A --name demo --project-type data-pipeline --pipeline-processing batch "${@:2}"; }
commit() { git -C "$1" init --quiet && git -C "$1" add -A && git -C "$1" commit --quiet -m "$2"; }

# The same files for both: what the answers give before and after.
init old --no-git && init new --no-git --license MIT --pipeline-quality observability
files() { (cd "$1" && find . -type f -not -path './.scaffold/*' -not -path './.git/*'); }
for side in old new; do
  find template -mindepth 1 -maxdepth 1 -not -name .git -exec rm -rf {} + 2>/dev/null || mkdir -p template
  (cd "$side" && tar c --exclude=./.scaffold .) | tar x -C template
  # Copier renders what has this end only, so that nothing else is read as a template.
  echo '{{ _copier_answers|to_nice_yaml }}' >'template/{{ _copier_conf.answers_file }}.jinja'
  echo '_templates_suffix: .jinja' >template/copier.yml
  commit template "$side" && git -C template tag "$([ $side = old ] && echo 1.0.0 || echo 2.0.0)"
done
"$tools/python/bin/copier" copy --quiet --defaults --vcs-ref 1.0.0 "$work/template" copied
cp -r old ours
# The user's edits: a dependency, a line of text, a step of the workflow.
edit() {
  sed -i 's/^dependencies = \[/dependencies = [\n    "humanize==4.14.0",/' "$1/pyproject.toml"
  echo 'A line of mine.' >>"$1/README.md"
  echo '      - run: echo mine' >>"$1"/.github/workflows/*.yml
}
edit copied && edit ours && commit copied edited && commit ours edited

TIMEFORMAT='%U + %S s'
measure() { printf '%-22s ' "$1"; time "${@:2}" >/dev/null 2>"$work/said" || { echo "  ended with $?: $(tail -1 "$work/said")"; }; }
merge_files() {
  files ours | while read -r file; do
    test ! -f "new/$file" || cmp -s "old/$file" "new/$file" || git merge-file -p "ours/$file" "old/$file" "new/$file" >/dev/null || true
  done
}
measure 'git merge-file' merge_files
ours() { (cd ours && "$program" set --no-input --on-conflict markers --license MIT --pipeline-quality observability); }
theirs() { (cd copied && "$tools/python/bin/copier" update --quiet --defaults --vcs-ref 2.0.0); }
measure 'scaffold set' ours
measure 'copier update' theirs
# What became of it: the tree of the new answers with the three edits is right.
for one in ours copied; do
  markers="$(grep -rlE '^(<<<<<<<|>>>>>>>)' "$one" --exclude-dir=.git --exclude-dir=.scaffold | sort | tr '\n' ' ')"
  echo "$one: with markers: ${markers:-none}; rejected: $(find "$one" -name '*.rej' | wc -l)"
  diff -rq -x .git -x .scaffold -x .copier-answers.yml new "$one" | sed "s/^/  /" || true
done
