#!/usr/bin/env bash
# Shows each checker something that is wrong, and fails if the checker does not exit with 1.
#
#     rejects.sh ROOT FOLDER_OF_THE_CHECKERS
set -u
root=$1 bin=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

# rejects WHAT COMPLAINT CHECKER ARGUMENT...: the checker exits with 1, and its output holds COMPLAINT.
rejects() {
  local what=$1 complaint=$2 checker=$3
  shift 3
  "$bin/${checker}_test" "$@" >"$work/output" 2>&1
  [ $? -eq 1 ] && grep -qF -- "$complaint" "$work/output" && return
  echo "$checker does not notice: $what"
  cat "$work/output"
  faults=$((faults + 1))
}
# The chapter that the next checker gets: one argument is one line.
chapter() { printf '%s\n' "$@" >"$work/wrong.md"; }

cp -r "$root/README.md" "$root/src" "$work/"
mkdir "$work/walkthrough" && echo '# 01 Bytes' >"$work/walkthrough/01-bytes.md"
echo '#include "server.h"' >>"$work/src/sha1.cpp"
rejects "the first stage includes the last" "includes server.h, which is below it" order "$work"
cp "$root/src/sha1.cpp" "$work/src/" && touch "$work/src/forgotten.cpp"
rejects "a file is not in the table" "forgotten.cpp does not stand" order "$work"
rm "$work/src/forgotten.cpp"

# quote WHAT COMPLAINT LINE...
quote() {
  chapter "${@:3}"
  rejects "$1" "$2" snippets "$root" "$work/wrong.md"
}
quote "a quoted line stands nowhere" "wrong.md:2: is not in" '```cpp src/mask.h' '#pragma twice' '```'
quote "one character of a quoted line differs" "wrong.md:4: is not in" \
  '```cpp src/mask.h' '#pragma once' '' '#include <arrax>' '```'
quote "a quoted line stands in several places" "more than one place" '```cpp src/mask.h' '' '```'
quote "a quoted file does not exist" "names no file" '```cpp src/task.h' '#pragma once' '```'
quote "a fence names no file" "names no file" '```cpp' '#pragma once' '```'
quote "a fence is empty" "is empty" '```cpp src/mask.h' '```'
quote "a fence is not closed" "is not closed" '```cpp src/mask.h' '#pragma once'
quote "what is skipped goes backwards" "wrong.md:4: is not in" \
  '```cpp src/mask.h' '#include <array>' '// ...' '#pragma once' '```'
quote "nothing is quoted" "nothing is quoted" 'No code at all.'
chapter '```cpp src/mask.h' '#pragma once' '```'
rejects "a file of src/ is quoted nowhere" "no chapter quotes" snippets "$root" --all "$work/wrong.md"

exit "$faults"
