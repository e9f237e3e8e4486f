#!/bin/sh
# kill-test.sh [DATA [MODEL [SIZE [EPOCHS [KILLS]]]]]: trains twice, once undisturbed and once killed (SIGKILL) at KILLS random moments and resumed
# each time, and compares metrics and weights byte by byte. Exits with 0 if they are the same. Run make build first.
# SETTINGS="--set …" adds overrides; SEED seeds the moments; OUT is the folder of the runs, removed at the end unless KEEP=1.
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
echo "undisturbed: $took s; $(grep '^best' "$out/whole.log")"

# Each attempt lasts a random time; its mean is the undisturbed time divided by the number of kills, plus the start-up time.
killed=0
while [ "$killed" -lt "$kills" ]; do
  (train killed) >>"$out/killed.log" 2>&1 &
  life=$(awk -v seed="$seed" -v n="$killed" -v took="$took" -v kills="$kills" 'BEGIN { srand(seed * 1000 + n); rand(); print 3 + rand() * 2 * took / kills }')
  sleep "$life"
  if kill -9 $! 2>/dev/null; then
    killed=$((killed + 1))
    echo "kill $killed after $life s: $(ls "$out/runs/killed/resume" 2>/dev/null | tail -1)"
    wait $! 2>/dev/null || true
  else
    wait $! || { tail -5 "$out/killed.log"; exit 1; }
    echo "the training ended before kill $((killed + 1)) of $kills; use more epochs"
    break
  fi
done
(train killed) >>"$out/killed.log" 2>&1 || { tail -5 "$out/killed.log"; exit 1; }

status=0
for file in metrics.csv recall.csv best.safetensors last.safetensors; do
  if cmp -s "$out/runs/whole/$file" "$out/runs/killed/$file"; then echo "same: $file"; else echo "DIFFERENT: $file"; status=1; fi
done
diff -r "$out/runs/whole/checkpoints" "$out/runs/killed/checkpoints" >/dev/null && echo "same: checkpoints/" || { echo "DIFFERENT: checkpoints/"; status=1; }
grep -c "is skipped" "$out/killed.log" | sed 's/$/ damaged resume file(s) skipped/' || true
echo "$killed kills: $([ $status -eq 0 ] && echo the same bytes || echo NOT the same)"
[ "${KEEP:-0}" = 1 ] || rm -rf "$out"
exit $status
