#!/usr/bin/env bash
# What docker-compose.yml describes, as processes of this machine: Kafka, Redis, two workers, the shop's traffic, Prometheus.
#   dotnet build -c Release && tests/stack.sh [SECONDS]
# Needs STREAMREC_TEST_KAFKA_HOME (a folder with `start` and `stop`), redis-server, curl, and prometheus if it is to scrape. Ends with 0
# where every click was seen in its shopper's list, the lists beat both baselines, and both workers were scraped.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30}
home=${STREAMREC_TEST_KAFKA_HOME:?a folder with start and stop}
streamrec=(dotnet src/StreamRec/bin/Release/net10.0/streamrec.dll)
stack=$(mktemp -d -t streamrec-stack-XXXXXX)
redis=127.0.0.1:26380 kafka=127.0.0.1:29080
children=()

finish() {
  for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done
  wait
  "$home/stop" --dir "$stack/kafka" > /dev/null 2>&1 || true
  rm -rf "$stack"
}
trap finish EXIT

# Asks until it is so, or a minute is over.
until_so() { # what command...
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" > /dev/null 2>&1; do
    if ((SECONDS > end)); then
      echo "Not within a minute: $what" >&2
      tail -n 20 "$stack"/*.log >&2
      exit 1
    fi
    sleep 0.2
  done
}

"$home/start" --dir "$stack/kafka" --port "${kafka#*:}" > "$stack/kafka.log"
redis-server --port "${redis#*:}" --maxmemory-policy noeviction --appendonly yes --dir "$stack" > "$stack/redis.log" &
children+=($!)
until_so "Redis answers" redis-cli -p "${redis#*:}" ping

"${streamrec[@]}" demo --prepare --bundle "$stack/shop" --bootstrap "$kafka"
for port in 9464 9465; do
  "${streamrec[@]}" work --bundle "$stack/shop" --topic clicks --group recommender --bootstrap "$kafka" --redis "$redis" \
    --metrics "127.0.0.1:$port" > "$stack/worker-$port.log" 2>&1 &
  children+=($!)
done
for port in 9464 9465; do until_so "the worker at $port is ready" curl -fs "http://127.0.0.1:$port/readyz"; done

if command -v prometheus > /dev/null; then
  sed -e '/dns_sd_configs/,$d' docker/compose/prometheus.yml > "$stack/prometheus.yml"
  printf '    static_configs:\n      - targets: ["127.0.0.1:9464", "127.0.0.1:9465"]\n' >> "$stack/prometheus.yml"
  cp docker/streamrec.rules.yml "$stack"
  prometheus --config.file="$stack/prometheus.yml" --storage.tsdb.path="$stack/tsdb" --web.listen-address=127.0.0.1:29090 \
    > "$stack/prometheus.log" 2>&1 &
  children+=($!)
else
  echo "prometheus is not there: nothing is scraped"
fi

"${streamrec[@]}" demo --no-worker --bundle "$stack/shop" --bootstrap "$kafka" --redis "$redis" --seconds "$seconds" --json \
  | tee "$stack/traffic"
read -r clicks seen < <(tail -1 "$stack/traffic" | sed -E 's/.*"events":([0-9]+).*"events_in_lists":([0-9]+).*/\1 \2/')
[[ $clicks -gt 0 && $clicks -eq $seen ]] || { echo "$seen of $clicks clicks were seen" >&2; exit 1; }

query() { curl -fsG http://127.0.0.1:29090/api/v1/query --data-urlencode "query=$1"; }
two_are_scraped() { query 'count(up == 1)' | grep -q '"2"\]'; }
if command -v prometheus > /dev/null; then
  until_so "both workers are scraped" two_are_scraped
  query 'sum by (instance) (streamrec_records_total)'
  echo
fi
echo "The stack holds."
