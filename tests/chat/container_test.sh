#!/usr/bin/env bash
# What the image of examples/chat/Dockerfile would do, without Docker: its build steps in a copy of the sources, then
# its program alone in an empty root folder, as a user who has no name, as process 1.
#
#     container_test.sh SOURCES CHAT_CLIENT
set -u
. "$(dirname "$0")/wait.sh"
sources=$1
client=$2
dockerfile=$sources/examples/chat/Dockerfile

[ "$(id -u)" = 0 ] || skip "only root may change its root folder"
for program in cmake curl chroot unshare; do
  command -v "$program" >/dev/null || skip "there is no $program"
done

work=$(mktemp -d)
pid=
inner() { cat "/proc/$pid/task/$pid/children"; }  # what unshare has started
trap '[ -z "$pid" ] || kill -KILL $(inner) "$pid"; wait; rm -r "$work"' EXIT
lines() { sed -n "s/^$1 //p" "$dockerfile"; }

# FROM debian ... AS build
mkdir "$work/websock"
while read -r from to; do
  cp -r "$sources/$from" "$work/websock/$to"
done < <(lines COPY | grep -v -e --from)
lines RUN | grep '^cmake' >"$work/steps"
grep -qs 'target chat_server' "$work/steps" || fail "the Dockerfile builds no chat_server"
(cd "$work/websock" && bash -e "$work/steps") >"$work/build.log" 2>&1 || fail "the build"

# FROM scratch
root=$work/root
mkdir "$root"
chmod 755 "$work" "$root"
read -r from to < <(lines COPY | sed -n 's/--from=build //p')
cp "$work$from" "$root$to"
read -ra command < <(lines ENTRYPOINT | tr -d '[],"')
size=$(stat -c %s "$root$to")
[ "$size" -lt 4000000 ] || fail "the program has $size bytes"
! grep -qs 'Requesting program interpreter' <(readelf -l "$root$to") || fail "the program is not static"

isolated=(unshare --fork --pid)
"${isolated[@]}" true 2>/dev/null || { isolated=(); echo "no process namespaces here: not as process 1"; }
"${isolated[@]}" chroot --userspec="$(lines USER)" "$root" "${command[@]}" --port 0 >"$work/server.log" 2>&1 &
pid=$!
until_ "the server does not listen" grep -qs '^listening on' "$work/server.log"
port=$(sed -n 's|^listening on http://[^/]*:\([0-9]*\)/.*|\1|p' "$work/server.log")
main=$pid
[ ${#isolated[@]} = 0 ] || read -r main < <(inner)
[ "$(stat -c %u:%g "/proc/$main")" = "$(lines USER)" ] || fail "the server runs as somebody else"
[ ${#isolated[@]} = 0 ] || grep -qs '^NSpid:.*\s1$' "/proc/$main/status" || fail "the server is not process 1"

curl -s "http://127.0.0.1:$port/" | grep -qs '<h1 id="room">' || fail "there is no page"
exec {typed}> >(exec "$client" "ws://127.0.0.1:$port/" --name Ada >"$work/client.log" 2>&1)
echo "Hello, container." >&"$typed"
until_ "nobody can talk" grep -qs '<Ada> Hello, container\.' "$work/client.log"

# docker stop: SIGTERM, and SIGKILL ten seconds later. Somebody is in the room.
begin=$SECONDS
kill -TERM "$main"
wait "$pid"
status=$?
pid=
exec {typed}>&-
[ "$status" = 0 ] || fail "the server ended with status $status"
[ $((SECONDS - begin)) -lt 10 ] || fail "docker stop would have killed it"
echo "an image of $size bytes, ended in $((SECONDS - begin)) s"
