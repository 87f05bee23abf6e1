#!/usr/bin/env bash
# Shows each checker something that is wrong, and fails if the checker does not exit with 1.
#
#     rejects.sh SOURCE_DIRECTORY ORDER_TEST SNIPPETS_TEST
set -u
source=$1 order_test=$2 snippets_test=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

rejects() {
  local what=$1
  shift
  "$@" >"$work/output"
  [ $? -eq 1 ] || { echo "not noticed: $what"; faults=$((faults + 1)); }
}

cp -r "$source/README.md" "$source/src" "$work/"
echo '#include "server.h"' >>"$work/src/sha1.cpp"
rejects "the first stage includes the last" "$order_test" "$work"
cp "$source/src/sha1.cpp" "$work/src/" && touch "$work/src/forgotten.cpp"
rejects "a file is not in the table" "$order_test" "$work"

mkdir "$work/chapters"
chapter() { printf '%s\n' "$@" >"$work/chapters/wrong.md"; }
chapter '```cpp src/mask.h' '#pragma twice' '```'
rejects "a quoted line stands nowhere" "$snippets_test" "$source" "$work/chapters"
chapter '```cpp src/mask.h' '' '```'
rejects "a quoted line stands in several places" "$snippets_test" "$source" "$work/chapters"
chapter '```cpp src/task.h' '#pragma once' '```'
rejects "a quoted file does not exist" "$snippets_test" "$source" "$work/chapters"
chapter '```cpp' '#pragma once' '```'
rejects "a fence names no file" "$snippets_test" "$source" "$work/chapters"
chapter 'No code at all.'
rejects "nothing is quoted" "$snippets_test" "$source" "$work/chapters"

exit "$faults"
