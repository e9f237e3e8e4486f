#!/bin/sh
# Throughput and latency of `sketchflow serve` at 1, 8 and 32 clients, with batches and without, compared with classify on the same image: bytes to class
# in one process. `serve_bench.sh RUN IMAGE [REQUESTS]` prints a Markdown table. Needs ab (apache2-utils), which takes little of the CPU. With PEER, the
# address of another server (serve_peer.py), it is measured in the same way after each of ours.
set -eu
run=$1 image=$2 requests=${3:-300}
program=${PROGRAM:-artifacts/build/sketchflow}
work=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT
pid=

engine() { # images per second at one batch size
    awk -v file="$image" -v n="$requests" 'BEGIN { for (i = 0; i < n; i++) print file }' \
        | "$program" classify --run "$run" --batch-size "$1" --top 5 --jsonl - 2>&1 >/dev/null | sed -nE 's/.*\(([0-9]+) images\/s\).*/\1/p'
}

metric() { curl -s "$address/metrics" | sed -nE "s/^$1 //p"; }

# The results of ab are in a table of times at which a share of the requests was answered.
requests_of() {
    ab -q -k -n "$requests" -c "$2" -p "$image" -T image/png "$1/predict" >"$work/ab"
    grep -q '^Non-2xx' "$work/ab" && { cat "$work/ab" >&2; exit 1; }
    rate=$(awk '/^Requests per second/ { print $4 }' "$work/ab")
}

row() { # server, clients, mean batch, rate of classify at this batch
    awk -v server="$1" -v c="$2" -v r="$rate" -v m="$3" -v own="$4" '
        $1 == "50%" { p50 = $2 } $1 == "99%" { p99 = $2 }
        END { printf "| %s | %s | %.0f | %s | %s | %s | %s | %s |\n", server, c, r, p50, p99, m, own, own ? sprintf("%.2f", r / own) : "" }' "$work/ab"
}

echo "| server | clients | requests/s | p50 ms | p99 ms | mean batch | classify at this batch, images/s | ratio |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
for batch in 32 1; do
    rm -f "$work/out"
    "$program" serve --run "$run" --port 0 --batch-size "$batch" >"$work/out" 2>"$work/err" &
    pid=$!
    until grep -qs http "$work/out"; do sleep 0.2; kill -0 "$pid" || { cat "$work/err" >&2; exit 1; }; done
    address=$(cut -d' ' -f1 "$work/out")
    ab -q -n 30 -c 4 -p "$image" -T image/png "$address/predict" >/dev/null
    for clients in 1 8 32; do
        images=$(metric sketchflow_batch_images_sum) batches=$(metric sketchflow_batch_images_count)
        requests_of "$address" "$clients"
        mean=$(awk -v a="$images" -v b="$batches" -v c="$(metric sketchflow_batch_images_sum)" -v d="$(metric sketchflow_batch_images_count)" 'BEGIN { printf "%.1f", (c - a) / (d - b) }')
        row "batches of up to $batch" "$clients" "$mean" "$(engine "$(awk -v m="$mean" 'BEGIN { printf "%.0f", m }')")"
    done
    kill -TERM "$pid"
    wait "$pid" || true
    pid=
    [ -z "${PEER:-}" ] || for clients in 1 8 32; do
        requests_of "$PEER" "$clients"
        row "$PEER" "$clients" "" ""
    done
done
