#!/usr/bin/env bash
# Runs a test program with a redis-server beside it:    with_redis.sh [--none [--needs OTHER]] PROGRAM [ARGUMENT]...
#
# The program finds its URL in CHAT_ROOM_REDIS. --none: it starts its own, and only wants to know that there is one (and
# that there is the other program, too).
set -u
PATH=$PATH:/usr/sbin
need() { command -v "$1" >/dev/null || { echo "skipped: there is no $1"; exit 77; }; }
need redis-server
if [ "$1" = --none ]; then
  shift
  if [ "$1" = --needs ]; then
    need "$2"
    shift 2
  fi
  exec "$@"
fi
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
# A port that somebody else has ends the server at once; then another one is tried.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  port=$((20000 + RANDOM % 12000))
  redis-server --port "$port" --bind 127.0.0.1 --dir "$folder" --save "" --logfile log &
  server=$!
  for _ in $(seq 600); do
    kill -0 "$server" 2>/dev/null || break
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && kill -0 "$server" 2>/dev/null; then
      CHAT_ROOM_REDIS=redis://127.0.0.1:$port "$@"
      exit
    fi
    sleep 0.1
  done
done
echo "redis-server does not start"
exit 1
