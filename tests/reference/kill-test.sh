#!/bin/sh
# kill-test.sh [DATA [MODEL [SIZE [EPOCHS [KILLS]]]]]: trains twice, once in peace and once struck by SIGKILL at KILLS random moments and resumed
# each time, and compares metrics and weights byte by byte. Answers 0 where they are the same. Needs make build.
# SETTINGS="--set …" adds overrides; SEED seeds the moments; OUT (a folder that is removed at the end unless KEEP=1) holds the runs.
set -eu
data=${1:-../shared/data/pacs-sketch} model=${2:-resnet18} size=${3:-32} epochs=${4:-5} kills=${5:-20}
program=artifacts/build/sketchflow
out=${OUT:-$(mktemp -d)}
settings="--set image_size=$size --set checkpoints.every_steps=10 --set checkpoints.top=2 --device cpu ${SETTINGS:-}"
seed=${SEED:-1}

train() { # shellcheck disable=SC2086
  exec "$program" train --artifacts "$out" --model "$model" --data "$data" --epochs "$epochs" --run "$1" --resume $settings
}

began=$(date +%s)
(train whole) >"$out/whole.log" 2>&1 || { tail -5 "$out/whole.log"; exit 1; }
took=$(( $(date +%s) - began ))
echo "in peace: $took s; $(grep '^best' "$out/whole.log")"

# Each life lasts a random time whose mean is the whole's time over the kills, above what starting takes.
struck=0
while [ "$struck" -lt "$kills" ]; do
  (train struck) >>"$out/struck.log" 2>&1 &
  life=$(awk -v seed="$seed" -v n="$struck" -v took="$took" -v kills="$kills" 'BEGIN { srand(seed * 1000 + n); rand(); print 3 + rand() * 2 * took / kills }')
  sleep "$life"
  if kill -9 $! 2>/dev/null; then
    struck=$((struck + 1))
    echo "kill $struck after $life s: $(ls "$out/runs/struck/resume" 2>/dev/null | tail -1)"
    wait $! 2>/dev/null || true
  else
    wait $! || { tail -5 "$out/struck.log"; exit 1; }
    echo "it ended before kill $((struck + 1)) of $kills; give it more epochs"
    break
  fi
done
(train struck) >>"$out/struck.log" 2>&1 || { tail -5 "$out/struck.log"; exit 1; }

status=0
for file in metrics.csv recall.csv best.safetensors last.safetensors; do
  if cmp -s "$out/runs/whole/$file" "$out/runs/struck/$file"; then echo "same: $file"; else echo "DIFFERENT: $file"; status=1; fi
done
diff -r "$out/runs/whole/checkpoints" "$out/runs/struck/checkpoints" >/dev/null && echo "same: checkpoints/" || { echo "DIFFERENT: checkpoints/"; status=1; }
grep -c "is skipped" "$out/struck.log" | sed 's/$/ damaged resume file(s) skipped/' || true
echo "$struck kills: $([ $status -eq 0 ] && echo the same bytes || echo NOT the same)"
[ "${KEEP:-0}" = 1 ] || rm -rf "$out"
exit $status
