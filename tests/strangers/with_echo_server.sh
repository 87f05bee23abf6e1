#!/usr/bin/env bash
# Starts an echo server on a free port, runs a client with its URL as the last argument, and ends the server:
#
#     with_echo_server.sh ECHO_SERVER [OPTION]... -- CLIENT [ARGUMENT]...
set -u
server=()
while [ "$1" != -- ]; do server+=("$1"); shift; done
shift
command -v "$1" >/dev/null || { echo "skipped: there is no $1"; exit 77; }
exec {lines}< <(exec "${server[@]}" --port 0)
pid=$!
read -r -u "$lines" line
"$@" "${line#listening on }"
status=$?
kill "$pid"
exit "$status"
