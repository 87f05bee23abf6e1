# For the chat's tests in bash, which set $work, a folder with logs.
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*"; tail -n 20 "$work"/*.log; exit 1; }
until_() {  # until_ WHAT COMMAND...
  local what=$1 deadline=$((SECONDS + 60))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$what"
    sleep 0.05
  done
}
