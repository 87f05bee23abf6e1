#!/usr/bin/env bash
# Shows run.sh reports that were made up: a good one, and others in which it has to notice something.
set -u
judge() { "$(dirname "$0")/run.sh" judge "$report" >"$report.log" 2>&1; }
report=$(mktemp)
trap 'rm -f "$report" "$report.log"' EXIT
faults=0

# report_of COUNT: so many cases, all good, laid out as the suite does.
report_of() {
  local i
  echo '{"websock": {' >"$report"
  for i in $(seq "$1"); do
    printf '   "6.%d": {\n      "behavior": "OK",\n      "behaviorClose": "OK",\n      "remoteCloseCode": 1000\n   }' "$i"
    [ "$i" = "$1" ] || echo ,
  done >>"$report"
  echo '}}' >>"$report"
}
accepts() { judge || { echo "does not accept: $1"; faults=$((faults + 1)); }; }
rejects() { judge && { echo "does not notice: $1"; faults=$((faults + 1)); }; }

report_of 517
accepts "517 good cases"
sed -i '/"6.77"/,/}/s/"behavior": "OK"/"behavior": "INFORMATIONAL"/' "$report"
accepts "a case that only informs"
sed -i '/"6.77"/,/}/s/INFORMATIONAL/NON-STRICT/' "$report"
rejects "a case that is not strict"
grep -q '6.77' "$report.log" || { echo "the case is not named"; faults=$((faults + 1)); }
report_of 517
sed -i '/"6.517"/,/}/s/"behaviorClose": "OK"/"behaviorClose": "WRONG CODE"/' "$report"
rejects "a wrong close code"
report_of 517
sed -i '/"6.1"/,/}/s/"behavior": "OK"/"behavior": "FAILED"/' "$report"
rejects "a case that failed"
report_of 515
rejects "cases that were not run"
echo '{}' >"$report"
rejects "an empty report"
rm "$report"
rejects "no report"
exit "$faults"
