#!/usr/bin/env bash
# Lets the Autobahn test suite judge us: its fuzzing client our echo server, or its fuzzing server our client. The suite
# comes in a container, so this takes Docker or Podman, and the image crossbario/autobahn-testsuite.
#
#     run.sh server ECHO_SERVER
#     run.sh client AUTOBAHN_CLIENT
#     run.sh judge REPORT
#
# Every case has to be OK, both in what was sent and in how the connection ended; or INFORMATIONAL, where the suite only
# wants to know. Families 12 and 13 are about compression: both ends have it on, for messages of any length.
set -u
here=$(cd "$(dirname "$0")" && pwd)
image=crossbario/autobahn-testsuite

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*"; exit 1; }

# An object of the report:    "1.1.1": {"behavior": "OK", "behaviorClose": "OK", ...}
judge() {
  local cases good
  cases=$(tr -d ' \n\r\t' <"$1" | grep -oE '"[0-9]+(\.[0-9]+)+":\{[^}]*\}')
  good='"behavior":"(OK|INFORMATIONAL)".*"behaviorClose":"(OK|INFORMATIONAL)"'
  grep -vE "$good" <<<"$cases"
  echo "$(grep -cE "$good" <<<"$cases") of $(grep -c . <<<"$cases") cases are good"
  [ "$(grep -c . <<<"$cases")" -ge 517 ] || fail "there should be 517 cases"
  ! grep -qvE "$good" <<<"$cases"
}

if [ "$1" = judge ]; then
  judge "$2"
  exit
fi

for engine in docker podman none; do
  "$engine" ps >/dev/null 2>&1 && break
done
[ "$engine" != none ] || skip "neither Docker nor Podman works here"
"$engine" image inspect "$image" >/dev/null 2>&1 || "$engine" pull -q "$image" || skip "the image $image is not to be had"

work=$(mktemp -d)
trap 'eval "$at_end"; rm -rf "$work"' EXIT
at_end=:

case $1 in
  server)
    exec {lines}< <(exec "$2" --host 127.0.0.1 --port 0 --deflate-from 0)
    at_end="kill $!"
    read -r -u "$lines" line
    port=$(sed 's|.*:\([0-9]*\)/$|\1|' <<<"$line")
    sed "s/PORT/$port/" "$here/fuzzingclient.json" >"$work/fuzzingclient.json"
    "$engine" run --rm --network host -v "$work:/autobahn" "$image" wstest --mode fuzzingclient --spec /autobahn/fuzzingclient.json ||
      fail "the fuzzing client"
    ;;
  client)
    cp "$here/fuzzingserver.json" "$work"
    container=$("$engine" run --detach --rm -p 127.0.0.1::9001 -v "$work:/autobahn" "$image" \
      wstest --mode fuzzingserver --spec /autobahn/fuzzingserver.json) || fail "the fuzzing server"
    at_end="$engine kill $container >/dev/null"
    port=$("$engine" port "$container" 9001 | sed 's/.*://')
    # A port that the engine forwards is open before anybody listens behind it: an answer to nonsense shows that somebody does.
    deadline=$((SECONDS + 60))
    until (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf '?\r\n\r\n' >&3 && read -r -t 5 -u 3 line) 2>/dev/null; do
      [ "$SECONDS" -lt "$deadline" ] || fail "the fuzzing server does not listen"
      sleep 0.2
    done
    "$2" "ws://127.0.0.1:$port" || fail "the client"
    ;;
  *) fail "run.sh server|client|judge" ;;
esac
judge "$work/reports/index.json"
