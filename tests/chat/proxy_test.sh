#!/usr/bin/env bash
# The chat through a proxy that speaks TLS, with the configuration that we ship:
#
#     proxy_test.sh CHAT_SERVER PYTHON examples/chat/nginx.conf|examples/chat/haproxy.cfg
set -u
. "$(dirname "$0")/wait.sh"
server=$1
python=$2
configuration=$3
case $configuration in
  *nginx.conf) proxy=nginx paths="/ /chat/" ;;
  *) proxy=haproxy paths="/" ;;
esac
PATH=$PATH:/usr/sbin

for program in "$proxy" openssl curl "$python"; do
  command -v "$program" >/dev/null || skip "there is no $program"
done
"$python" -c 'import websockets' 2>/dev/null || skip "there is no Python package websockets"
[ "$(id -u)" = 0 ] || skip "only root may start $proxy as another user"

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -r "$work"' EXIT

start_server() {  # start_server NAME [OPTION]...: its output in NAME.log, its port in $port
  local log=$work/$1.log
  "$server" --port 0 "${@:2}" >"$log" 2>&1 &
  pids+=($!)
  until_ "the server does not listen" grep -q '^listening on' "$log"
  port=$(sed -n 's|^listening on .*:\([0-9]*\)/|\1|p' "$log")
}

# Neither proxy can be told to take a port that is free, and to say which. So we look for two that were free a moment
# ago, and look again if they are not any more.
start_proxy() {
  read -r http https < <("$python" -c 'import socket
a, b = socket.create_server(("", 0)), socket.create_server(("", 0))
print(a.getsockname()[1], b.getsockname()[1])')
  sed -E "s/(listen|bind :?)( ?)80\b/\1\2$http/; s/(listen|bind :?)( ?)443\b/\1\2$https/; s/:8467\b/:$port/
          s|/etc/[a-z/]*fullchain.pem|$work/cert.pem|; s|/etc/[a-z/]*privkey.pem|$work/key.pem|
          s|/etc/[a-z/]*chat.pem|$work/both.pem|" "$configuration" >"$work/configuration"
  case $proxy in
    nginx) nginx -c "$work/configuration" -e stderr -g "daemon off; pid $work/pid;" >"$work/proxy.log" 2>&1 & ;;
    haproxy) haproxy -db -f "$work/configuration" >"$work/proxy.log" 2>&1 & ;;
  esac
  local pid=$! deadline=$((SECONDS + 60))
  pids+=("$pid")
  until curl -skm 10 -o /dev/null "https://127.0.0.1:$https/"; do
    kill -0 "$pid" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$deadline" ] || fail "$proxy does not listen"
    sleep 0.05
  done
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=chat -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl" || fail "no certificate: $(cat "$work/openssl")"
cat "$work/cert.pem" "$work/key.pem" >"$work/both.pem"

start_server behind --trust-proxy
start_proxy || start_proxy || start_proxy || fail "$proxy does not start"

answer=$(curl -s -H 'Host: chat.example' -o /dev/null -w '%{http_code} %{redirect_url}' "http://127.0.0.1:$http/x?y")
[ "$answer" = "301 https://chat.example/x?y" ] || fail "plain HTTP is not sent on to TLS: $answer"
urls=()
for path in $paths; do
  curl -sk -D "$work/head" "https://127.0.0.1:$https$path" >"$work/page"
  grep -qi '^content-security-policy:' "$work/head" || fail "the page's policy was lost at $path"
  grep -q '<h1 id="room">' "$work/page" || fail "there is no page at $path"
  urls+=("wss://127.0.0.1:$https$path")
done
strangers=$(dirname "$0")/../strangers
"$python" "$strangers/proxy_client.py" "$work/cert.pem" "${urls[@]}" || fail "no chat through $proxy"
until_ "the client's address was lost" grep -qs '^127\.0\.0\.2 disconnected' "$work/behind.log"
! grep -qs '203\.0\.113\.66' "$work/behind.log" || fail "a client may choose its own address"

# What is believed, and by whom: the rightmost entry of all lines if it is an address, and only with --trust-proxy.
"$python" "$strangers/proxy_client.py" "ws://127.0.0.1:$port/" || fail "no chat without $proxy"
for address in 203.0.113.1 2001:db8::2 203.0.113.3 '127\.0\.0\.1:[0-9]+'; do
  until_ "not logged: $address" grep -qsE "^$address disconnected" "$work/behind.log"
done
! grep -qsE '203\.0\.113\.66|unknown' "$work/behind.log" || fail "an address was taken from the wrong place"
start_server alone
"$python" "$strangers/proxy_client.py" "ws://127.0.0.1:$port/" || fail "no chat without --trust-proxy"
until_ "no address is logged" grep -qsE '^127\.0\.0\.1:[0-9]+ disconnected' "$work/alone.log"
! grep -qsE '^(203|2001)' "$work/alone.log" || fail "X-Forwarded-For was believed unasked"
echo "the chat works through $proxy"
