#!/usr/bin/env bash
# Shows checkers something that is wrong, and fails if one of them does not exit with 1 and say what it is.
#
#     rejects.sh ROOT FOLDER_OF_THE_CHECKERS CHECKER...
set -u
root=$1 bin=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

# rejects WHAT COMPLAINT ARGUMENT...: the checker complains with COMPLAINT.
rejects() {
  local what=$1 complaint=$2
  shift 2
  "$bin/${checker}_test" "$@" >"$work/output" 2>&1
  [ $? -eq 1 ] && grep -qF -- "$complaint" "$work/output" && return
  echo "$checker does not notice: $what"
  cat "$work/output"
  faults=$((faults + 1))
}
# wrong WHAT COMPLAINT LINE...: the lines are the chapter.
wrong() {
  printf '%s\n' "${@:3}" >"$work/wrong.md"
  rejects "$1" "$2" "$root" "$work/wrong.md"
}

api() {
  local page=$root/walkthrough/api.md wrong=$work/api.md
  grep -v '^| `serve_once' "$page" >"$wrong"
  rejects "a name is not there" 'there is no row for `serve_once`' "$root" "$wrong"
  sed 's/^| `serve_once/| `serve_twice/' "$page" >"$wrong"
  rejects "a name that does not exist" "src/endpoints/server.h does not declare serve_twice" "$root" "$wrong"
  sed 's/^## Limits,/## Bounds,/' "$page" >"$wrong"
  rejects "a class that does not exist" "src/transport/resource_limits.h has no Bounds" "$root" "$wrong"
  rejects "a class is not there" "there is no section on Limits" "$root" "$wrong"
}
order() {
  local table=$work/walkthrough/README.md
  cp -r "$root/README.md" "$root/src" "$work/"
  mkdir "$work/walkthrough" && touch "$work/walkthrough/01-bytes.md" "$table"
  echo '#include "endpoints/server.h"' >>"$work/src/handshake/sha1.cpp"
  rejects "the first stage includes the last" "includes endpoints/server.h, which is below it" "$work"
  cp "$root/src/handshake/sha1.cpp" "$work/src/handshake/" && touch "$work/src/forgotten.cpp"
  rejects "a file is not in the table" "forgotten.cpp does not stand" "$work"
  rm "$work/src/forgotten.cpp" "$work/src/framing/mask.h"
  rejects "a file of the table is not there" "there is no src/framing/mask.h" "$work"
  cp "$root/src/framing/mask.h" "$work/src/framing/"
  sed 's,/framing/,/farming/,g' "$root/README.md" >"$work/README.md"
  rejects "a folder that is no storey" "there is no storey farming" "$work"
  awk '/^\| \[06 /{kept=$0; next} {print} /^\| \[08 /{print kept}' "$root/README.md" >"$work/README.md"
  rejects "a storey stands above a lower one" "framing/frame.h stands below a file of protocol" "$work"
  cp "$root/README.md" "$work/"
  rejects "a chapter is not in the walkthrough's table" "the table does not have 01-bytes" "$work" --all
  printf '%s\n' '| [06 Frame](06-frame.md) |' '| [02 SHA-1](02-sha1.md) |' >"$table"
  rejects "chapters stand in another order" "02-sha1 stands below 06-frame" "$work"
  echo '| [06 Mask](06-mask.md) |' >"$table"
  rejects "a chapter has another name" "does not have 06-mask" "$work"
  echo '| [07 Mask](07-mask.md) | [mask.h](../src/framing/mask.h) |' >"$table"
  rejects "a chapter has other sources" "other sources" "$work"
}

outline() {
  mkdir "$work/outline"
  # without WHAT COMPLAINT SCRIPT: sed's script spoils a good chapter.
  without() {
    sed -E "$3" "$root/walkthrough/06-frame.md" >"$work/outline/06-frame.md"
    rejects "$1" "$2" "$root" "$work/outline/06-frame.md"
  }
  without "another number in the title" "title is not" '1s/06/07/'
  without "no time in the box" "the box is not" 's/[0-9]+ minutes/a while/'
  without "a command that runs nothing" "ctest does not know" "s/'.frame\\$'/'^task$'/"
  without "another box is marked" "the picture is not" 's/^(    framing +)\[frame\] > mask/\1frame > [mask]/'
  without "nothing works so far" 'there is no "So far' 's/^So far: //'
  without "an Introduction" "not Introduction" 's/^## Half a header/## Introduction/'
  without "two questions" "not three questions" 's/<summary>3\./<summary>/'
  without "Markdown in HTML" "a summary is HTML" 's/^<details><summary>1\./&`code`/'
  without "exercises before questions" "last headings" 's/^## Questions/## X/; s/^## Exercises/## Questions/; s/^## X/## Exercises/'
  without "no exercise" "no exercises" 's/^[0-9]\. //'
  without "nothing to read" "no **Further reading**" 's/\*\*Further reading/**Reading/'
  without "no rules" "the last line is not" '/^\*\*Rules met/,$d'
  without "a rule that the RFC does not have" "no rule 5.2-99" 's/^(\*\*Rules met here.*)5\.2-01/\15.2-99/'
  without "an id in prose" "in running prose" 's/^So far: /&5.2-01 /'
  without "one hint" "two hints" 's/A second hint/More/'
  without "no place to stop" "where to stop" 's/walkthrough.yours//'
  without "all shells at once" "no such shell: walkthrough/yours" 's,(WEBSOCK_MINE=walkthrough/yours)/frame.cpp,\1,'
}

links() {
  echo '## A *heading*, `code` and [a link](nowhere.md)' >"$work/page.md"
  wrong "a file is not there" "leads nowhere: no.md" '[good](page.md#a-heading-code-and-a-link)' '[bad](no.md)'
  wrong "a heading is not there" "no such place: page.md#a-title" '[bad](page.md#a-title)'
  wrong "it has no such heading itself" "no such place: #two" '# One' '[bad](#two)'
  wrong "a line is not there" "no such place: page.md#L2" 'See [this' 'line](page.md#L2).'
  wrong "an image is not there" "leads nowhere: no.png" '<img src="no.png">'
}

sections() {
  wrong "a section does not exist" "no section 5.9" 'As RFC 9112, section 5.9, and section 5.2 say; but section 5.9 does not.'
  wrong "one of several" "no section 7.5" 'Sections 7.1, 7.5 and 7.4.'
  wrong "across two lines" "no section 15" 'This is in section' '15 of RFC 6455.'
  wrong "in the box" "no section 8.2" '> **RFC 6455** sections 8.1 and 8.2'
}

terms() {
  mkdir -p "$work/terms/walkthrough" "$work/terms/src/framing"
  local book=$work/terms/walkthrough
  echo 'struct FrameHeader;' >"$work/terms/src/framing/frame.h"
  printf '%s\n' '| frame | a thing | `FrameHeader` in [frame.h](../src/framing/frame.h) | [06](06-frame.md) |' >"$book/glossary.md"
  echo 'A **frame** is a thing.' >"$book/06-frame.md"
  term() {
    echo "$3" >"$book/$4"
    rejects "$1" "$2" "$work/terms"
  }
  term "used before, without a link" 'is used before' 'Two Frames.' 05-handshake.md
  term "linked only the second time" 'is used before' 'A frame, a [frame](06-frame.md).' 05-handshake.md
  term "linked to something else" 'is used before' 'A [frame](07-mask.md).' 05-handshake.md
  term "defined elsewhere, too" '1 times, not 0' 'A **frame** is a thing.' 07-mask.md
  rm "$book/05-handshake.md" "$book/07-mask.md"
  term "not defined" '0 times, not 1' 'A frame is a thing.' 06-frame.md
  term "defined twice" '2 times, not 1' 'A **frame** is a **frame**.' 06-frame.md
  echo 'A **frame** is a thing.' >"$book/06-frame.md"
  term "no such name in the code" 'there is no FrameHead in' \
    '| frame | a thing | `FrameHead` in [frame.h](../src/framing/frame.h) | [06](06-frame.md) |' glossary.md
  term "a row without code" 'is no row' '| frame | a thing | | [06](06-frame.md) |' glossary.md
}

repeats() {
  local sentence='This sentence of more than ten words is good, but it is not needed twice.'
  wrong "a sentence stands twice" "wrong.md:3: stands in wrong.md:1, too" "$sentence" '' "Once more: $sentence"
  wrong "with a line break and a link" "wrong.md:3: stands in wrong.md:1, too" \
    "$sentence" '' 'This [sentence](page.md) of more than ten words is good,' 'but it is not needed *twice*!'
  wrong "a comment of the code stands in a chapter" "stands in src/framing/mask.h" \
    'Every byte of a client'"'"'s payload is XORed with one byte of the frame'"'"'s key.'
}

comments() {
  local tree=$work/tree file=$work/tree/src/framing/mask.h
  mkdir -p "$tree/tests/book" "$tree/src/framing" "$tree/walkthrough"
  cp "$root"/tests/book/*.tsv "$tree/tests/book/"
  echo "# A chapter" >"$tree/walkthrough/01-bytes.md"
  # bare WHAT COMPLAINT LINE...: the lines are a source file.
  bare() {
    printf '%s\n' "${@:3}" >"$file"
    rejects "$1" "$2" "$tree"
  }
  bare "a function without a comment" "mask.h:2: has no comment above it: int one() {" '' 'int one() {' '  return 1;' '}'
  bare "a blank line between the two" "mask.h:3: has no comment" '// The first number.' '' 'int one() {' '  return 1;' '}'
  bare "a head of two lines" "mask.h:1: has no comment" 'int one(int a,' '        int b) {' '  return 1;' '}'
  bare "a constructor with a list" "mask.h:1: has no comment" 'A::A()' '    : a(1) {' '  b = 2;' '}'
  bare "a member" "mask.h:3: has no comment" '// A.' 'struct A {' '  int one() const {' '    return 1;' '  }' '};'
  bare "the second of two" "mask.h:6: has no comment" '// 1.' 'int one() {' '  return 1;' '}' '' 'int two() {' '  return 2;' '}'
  bare "the neighbour of a bare one" "mask.h:4: has no comment" 'int one() {' '  return 1;' '}' 'int two() {' '  return 2;' '}'
  bare "a rule that there is not" "there is no rule 5.2-99" '// As 5.2-99 says.'
  bare "a section that there is not" "no section 5.9" '// 5.9: nothing.'
  bare "one of two sections" "no section 6.9" '// Nothing (5.2, 6.9).'
}

snippets() {
  wrong "a quoted line stands nowhere" "wrong.md:3: is not in" '```cpp' '// src/framing/mask.h' '#pragma twice' '```'
  wrong "one character of a quoted line differs" "wrong.md:5: is not in" \
    '```cpp' '// src/framing/mask.h' '#pragma once' '' '#include <arrax>' '```'
  wrong "a quoted line stands in several places" "more than one place" '```cpp' '// src/framing/mask.h' '' '```'
  wrong "a quoted file does not exist" "names no file" '```cpp' '// src/task.h' '#pragma once' '```'
  wrong "a fence names no file" "names no file" '```cpp' '#pragma once' '```'
  wrong "a fence's language is misspelt" "names no file" '```consol' '$ true' '```'
  wrong "a fence is empty" "is empty" '```cpp' '// src/framing/mask.h' '```'
  wrong "a fence is not closed" "is not closed" '```cpp' '// src/framing/mask.h' '#pragma once'
  wrong "what is skipped goes backwards" "wrong.md:5: is not in" \
    '```cpp' '// src/framing/mask.h' '#include <array>' '// ...' '#pragma once' '```'
  wrong "nothing is quoted" "nothing is quoted" 'No code at all.'
  printf '%s\n' '```cpp' '// src/framing/mask.h' '#pragma once' '```' >"$work/wrong.md"
  rejects "a file of src/ is quoted nowhere" "no chapter quotes" "$root" --all "$work/wrong.md"
}

frames() {
  wrong "another payload" 'code:    text, fin, "Hello"' '```bytes' '81 05 48656c6c6f = text, fin, "Hallo"' '```'
  wrong "a flag that is not set" 'code:    text, "Hello"' '```bytes' '01 05 48656c6c6f = text, fin, "Hello"' '```'
  wrong "a frame that breaks a rule" "code:    refused: " '```bytes' '83 05 48656c6c6f = text, fin, "Hello"' '```'
  wrong "another reason" "code:    refused: " '```bytes' '83 05 = refused: a reserved bit is set' '```'
  wrong "half a frame" "code:    incomplete" '```bytes' '81 05 4865 = text, fin, "He"' '```'
  wrong "a second frame behind it" "code:    too long" '```bytes' '81 01 48 81 00 = text, fin, "H"' '```'
  wrong "two frames, one description" "not as many" '```bytes' '81 00 | 81 00 = text, fin, ""' '```'
  wrong "half a byte" "half a byte" '```bytes' '81 0 = text, fin, ""' '```'
  wrong "no description" 'no "="' '```bytes' '81 00' '```'
}

pictures() {
  local tree=$work/tree file=$work/tree/walkthrough/pictures/ladder.svg
  mkdir -p "$tree/walkthrough/pictures"
  echo '![A ladder with all that is said.](pictures/ladder.svg)' >"$tree/walkthrough/00.md"
  # drawn WHAT COMPLAINT SCRIPT: sed's script spoils a good picture.
  drawn() {
    sed -E "$3" "$root/walkthrough/pictures/ladder.svg" >"$file"
    rejects "$1" "$2" "$tree"
  }
  drawn "another byte" "shows hello as 81 06" 's/81 05 48/81 06 48/'
  drawn "bytes of nothing that we make" "nothing of this name" 's/data-is="hello"/data-is="hallo"/'
  drawn "bytes that say not what they are" "does not say what these bytes are" 's/ data-is="hello"//'
  drawn "a tag that is not closed" "closes nothing" 's,</title>,,'
  drawn "an attribute without quotation marks" "no attribute" 's/role="img"/role=img/'
  drawn "a bare &" "there is no ; to" 's/frames below/frames \& below/'
  drawn "no title" "has no <title>" '/<title>/d'
  drawn "no description" "has no <desc>" 's/desc>/g>/'
  drawn "no colours for a dark page" "no colours for a dark page" 's/prefers-color-scheme: dark/print/'
  drawn "no paper" "has no paper" 's/class="paper"/class="box"/'
  drawn "a font from elsewhere" "from elsewhere" 's,<style>,<style>@import url(x.css);,'
  drawn "as long as a machine would write it" "too large" 's,</title>,&'"$(head -c 12000 /dev/zero | tr '\0' ' ')"','
  cp "$root/walkthrough/pictures/ladder.svg" "$tree/walkthrough/pictures/snake.svg"
  drawn "a picture that nobody shows" "snake.svg:0: no page shows it" ''
  rm "$tree/walkthrough/pictures/snake.svg"
  echo '![A ladder](pictures/ladder.svg)' >"$tree/walkthrough/00.md"
  drawn "hardly a text in its place" "no page shows it" ''
}

console() {
  wrong "other output" "prints something else" '```console' '$ echo one; echo two' 'one' 'too' '```'
  wrong "output that the chapter does not show" "prints something else" '```console' '$ echo one; echo two' 'one' '```'
  wrong "output that is not there" "prints something else" '```console' '$ echo one' 'one' '...' 'two' '```'
  wrong "there is no such command" "not found" '```console' '$ no_such_command' '...' '```'
  wrong "a fence without a command" "begins with" '```console' 'one' '```'
  wrong "the shell ends" "prints something else" '```console' '$ exit' '$ echo one' 'one' '```'
}

gdb() {
  "$bin/gdb_test" "$root" "$root/README.md" | grep -q '^skipped' && exit 77
  local mask='$ gdb --args ./build/bin/mask_test 5.3'
  local stop=('```gdb' "$mask" '(gdb) break apply_mask' '(gdb) run')
  wrong "a line is not printed" "does not print: Breakpoint 2" "${stop[@]}" 'Breakpoint 2, ...' '```'
  wrong "lines come in another order" "does not print: one" "${stop[@]}" '(gdb) printf "one\ntwo\n"' 'two' 'one' '```'
  wrong "an error is hidden" "No symbol" "${stop[@]}" '(gdb) print no_such_name' '```'
  wrong "there is no such command" "Undefined command" "${stop[@]}" '(gdb) nonsense' '```'
  wrong "there is no such program" "no program" '```gdb' '$ gdb --args ./build/bin/task_test' '(gdb) run' '```'
  wrong "a fence names no program" "begins with" '```gdb' '(gdb) run' '```'
  wrong "a fence without a command" "begins with" '```gdb' "$mask" 'Breakpoint 1, ...' '```'
}

experiments() {
  local longer='-  return payload_length <= 0xFFFF ? kLength16 : kLength64;'
  local at_most='+  return payload_length < 0xFFFF ? kLength16 : kLength64;'
  local early='   if (bytes.size() < 2) return std::nullopt;'
  local frame='--- src/framing/frame.cpp'
  local one='# frame_test fails: 5.2-17'
  # broken WHAT COMPLAINT LINE...: a diff of these lines.
  broken() { wrong "$1" "$2" '```diff' "${@:3}" '```'; }
  broken "a test that fails is not named" "fails, and is not named" "$frame" "$longer" "$at_most" "$one"
  broken "a test that is named passes" "named, and does not fail" \
    "$frame" "$longer" "$at_most" '# frame_test fails: 5.2-16; 5.2-17;' '# 5.2-23'
  broken "a test that is named does not exist" "there is no test" \
    "$frame" "$longer" "$at_most" '# frame_test fails: 5.2-99'
  broken "no test notices" "nothing fails" "$frame" "$early" '+  if (bytes.size() < 1) return std::nullopt;' "$one"
  broken "it cannot be compiled" "cannot be compiled" "$frame" "$early" '+  nonsense' "$one"
  broken "the line is not there" "are not in the file" "$frame" '-  nonsense' '+  sense' "$one"
  broken "the line is there twice" "more than one place" "$frame" '-  }' "$one"
  broken "no test is named" "does not end with" "$frame" "$longer" "$at_most"
  broken "no file is named" "there is no  in src" "$longer" "$at_most" "$one"
  broken "the stage does not need the file" "does not need" '--- src/handshake/sha1.cpp' '-namespace websock {' "$one"
  printf '%s\n' 'No experiment.' >"$work/wrong.md"
  rejects "the book has too few" "fewer than 40" "$root" --all "$work/wrong.md"
}

# changed WHAT COMPLAINT SED: the account, but for this change.
changed() {
  sed "$3" "$root/walkthrough/rfc6455.md" >"$work/wrong.md"
  rejects "$1" "$2" "$root" "$work/wrong.md"
}
account() {
  local row='/^| 5.2-19 /' number id
  changed "a rule is missing" "not accounted for: 5.2-19" "$row d"
  changed "a rule stands there twice" "a second time: 5.2-19" "$row p"
  changed "a rule that there is not" "no such rule: 5.2-99" "$row s/5.2-19/5.2-99/"
  changed "a rule for others" "no such rule: 5.4-13" "$row s/5.2-19/5.4-13/"
  changed "a rule in the wrong section" "it belongs to section 5.2" '/^## 5.2 /d'
  changed "another level" "its level is MUST" "$row s/MUST/MAY/"
  changed "nothing is asked" "what is asked?" "$row s/MUST |[^|]*|/MUST | |/"
  changed "no chapter" "which chapter?" "$row s/| 06 |/| |/"
  changed "a file that there is not" "no such file" "$row s,src/framing/frame.cpp,src/frames.cpp,"
  changed "a function that there is not" "frame.cpp has no parse_payload" "$row s/parse_payload_length/parse_payload/"
  changed "a function that is only called there" "protocol.cpp has no apply_mask" '/^| 6.2-09 /s/`read_payload`/`apply_mask`/'
  changed "no function" "which function?" "$row s/ \`parse_payload_length\`//"
  changed "a reason that is not on the list" "which function?" "$row s/| \[frame.cpp.*\` | /| later: it is difficult | /"
  changed "a MUST that is left undone" "a MUST that is not done" '/^| 4.1-16 /s/TLS: /not done: /'
  changed "an application's duty without an API" "which function?" '/^| 5.5.1-05 /s/`[^`]*`//g'
  changed "one test too many" "frame has 1 tests 5.2-19, not 2" "$row s/\`frame\`/& ×2/"
  changed "a test that is not counted" "frame has a test 5.2-19, too" "$row s/\`frame\`, //"
  changed "another rule's test that there is not" 'no test `frame 5.2-99`' '/^| 5.2-15 /s/frame 5.2-23/frame 5.2-99/'
  changed "words instead of a test" "names no test" "$row s/\`frame\`/tested/"
  changed "no test, and no reason" "no test, and no reason" '/^| 5.2-15 /s/| `frame [^|]*|/| – |/'

  # Each test of a MUST, taken away. No two of one rule go together, so that each is missed by itself.
  mkdir "$work/root" && cp -r "$root/src" "$root/tests" "$root/walkthrough" "$work/root"
  awk 'FNR == NR { must[$1] = $3 ~ /^MUST/ && $4 ~ /server|client|both/; next }
       /^TEST\(/ { line = FNR } line && match($0, /"[^ ]+/) {
         id = substr($0, RSTART + 1, RLENGTH - 1); if (must[id]) print ++seen[id], FILENAME, line, id; line = 0 }' FS='\t' \
    "$root/tests/book/requirements.tsv" "$work"/root/tests/*/*_test.cpp >"$work/tests"
  [ "$(wc -l <"$work/tests")" -ge 129 ] || { echo "hardly a test of a MUST was found"; faults=$((faults + 1)); }
  local round file
  for round in $(cut -d' ' -f1 "$work/tests" | sort -nu); do
    while read -r _ file number id; do sed -i "${number}s/^TEST(/GONE(/" "$file"; done < <(grep "^$round " "$work/tests")
    "$bin/account_test" "$work/root" "$work/root/walkthrough/rfc6455.md" >"$work/output" 2>&1
    while read -r _ file number id; do
      sed -i "${number}s/^GONE(/TEST(/" "$file"
      grep -qF "tests $id, not " "$work/output" && continue
      echo "account does not notice: $(basename "$file"):$number is gone"
      faults=$((faults + 1))
    done < <(grep "^$round " "$work/tests")
  done
  sed -i 's/^TEST("5.2-19 /TEST("5.2-99 /' "$work/root/tests/framing/frame_test.cpp"
  rejects "a test with an id that there is not" "no such id: 5.2-99" "$work/root" "$work/root/walkthrough/rfc6455.md"
}

yours() {
  mkdir -p "$work/yours/walkthrough/yours"
  cp -r "$root/src" "$work/yours/"
  local stub=$work/yours/walkthrough/yours/mask.cpp
  local mask=mask=$bin/../tests/CMakeFiles/mask_test.dir/framing/mask_test.cpp.o
  cp "$root/src/framing/mask.cpp" "$stub"
  rejects "a stub that does all that it should" "passes its test" "$work/yours" "$mask"
  echo '#include "framing/mask.h"' >"$stub"
  rejects "a stub without its function" "passes its test" "$work/yours" "$mask"
  printf '%s\n' '#include "framing/mask.h"' '#include <cstdlib>' \
    'void websock::apply_mask(std::span<std::uint8_t>, const std::array<std::uint8_t, 4>&, std::uint64_t) { std::abort(); }' >"$stub"
  rejects "a stub that aborts" "breaks its test" "$work/yours" "$mask"
  cp "$root/walkthrough/yours/mask.cpp" "$stub"
  cp "$stub" "$work/yours/src/framing/"
  rejects "ours fails, too" "ours fails" "$work/yours" "$mask"
  rejects "nobody tests it" "is not tested" "$work/yours" "task=$mask"
}

for checker in "${@:3}"; do "$checker"; done
exit "$faults"
