#!/bin/sh
# Builds and runs the tests: `test.sh fast` those of `make test`, `test.sh long` those marked [Long] (`make test-long`), `test.sh all` both.
# Further arguments go to the xunit runner, such as: -class "SketchFlow.Tests.Data*".
# Prints the failed tests, the ten slowest and, last, "N passed, N failed, N skipped" from the runner's own report; everything else that the tests
# and the programs they start print is in artifacts/build/tests/output.txt.
set -u
cd "$(dirname "$0")/.."
which=${1:-fast}
[ $# -gt 0 ] && shift
results=artifacts/build/tests/results.xml output=artifacts/build/tests/output.txt
rm -f "$results"

fail() {
    echo "$1" >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

case $which in
    fast) set -- -trait- Category=Long "$@" ;;
    long) set -- -trait Category=Long "$@" ;;
    all) ;;
    *) fail "expected fast, long or all, got '$which'" ;;
esac

mkdir -p artifacts/build/tests
# The solution alone would build Debug, whose kernels are three to six times slower.
dotnet build SketchFlow.sln -c Release -v quiet --nologo -clp:NoSummary >"$output" 2>&1 || { cat "$output" >&2; fail "The build failed."; }
dotnet format whitespace SketchFlow.sln --verify-no-changes --no-restore || fail "The formatting differs from .editorconfig; run dotnet format whitespace."

# The spelling of pages and help is checked by Hunspell.
command -v hunspell >/dev/null 2>&1 && [ -e /usr/share/hunspell/en_GB.dic ] || sh build/install.sh hunspell hunspell-en-gb || fail "The tests need hunspell with its British dictionary."

# The script for Python next to an exported model is run by Debian's Python.
[ "$which" = fast ] || /usr/bin/python3 -c 'import numpy, PIL' 2>/dev/null || sh build/install.sh python3-numpy python3-pil || fail "The tests need NumPy and Pillow."
# The page for drawing is tried in a browser.
[ "$which" = fast ] || command -v chromium >/dev/null 2>&1 || sh build/install.sh "chromium|chromium-browser" || fail "The tests need chromium."

# Tests and the programs that they start share the cores: libtorch's threads must sleep while they wait for each other, not spin.
export OMP_WAIT_POLICY=PASSIVE
# oneDNN's kernels for AMX spin while they wait: three trainings at once took four times as long as in float32. --amp auto is float32 without them.
export ONEDNN_MAX_CPU_ISA=AVX512_CORE_VNNI

# make finds the program built.
mkdir -p artifacts/build/obj && touch artifacts/build/obj/.built-cpu

artifacts/build/tests/SketchFlow.Tests -noColor -noLogo -parallelMode collections -maxThreads 1.5x -xml "$results" "$@" >"$output" 2>&1
status=$?
[ -f "$results" ] || { tail -n 40 "$output" >&2; fail "The test runner ended with $status and wrote no results; the end of $output is above."; }

# The report is XML with one <test …> element for each test: its attributes, and for a failed one the message and the stack trace.
awk 'BEGIN { RS = "<test " }
    function attribute(name,    at) { at = match($0, " " name "=\"[^\"]*\""); return at ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
    function plain(text) { gsub(/<!\[CDATA\[|\]\]>/, "", text); gsub(/\\?&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&#xA;/, "\n", text); gsub(/&amp;/, "\\&", text); return text }
    function element(name,    from, to) { from = index($0, "<" name ">"); to = index($0, "</" name ">"); return from && to > from ? substr($0, from + length(name) + 2, to - from - length(name) - 2) : "" }
    NR > 1 && attribute("result") == "Fail" { print "FAILED " plain(attribute("name")); print plain(element("message")); print plain(element("stack-trace")); print "" }' "$results" \
    | grep -v '^   at System\.' | awk '/^FAILED /{ lines = 0 } ++lines <= 60 || NF == 0' 
echo "Slowest tests:"
grep -o '<test [^>]*' "$results" | sed -E 's/.* name="([^"]*)".* time="([^"]*)".*/\2 \1/; s/\\?&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' \
    | sort -rn | head -n 10 | awk '{ time = $1; $1 = ""; printf "%7.1f s %s\n", time, substr($0, 1, 150) }'

total() { # the sum of one attribute over the <assembly …> elements
    grep -o '<assembly [^>]*' "$results" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ s += $1 } END { print s + 0 }'
}
passed=$(total passed) failed=$(total failed) skipped=$(total skipped) errors=$(total errors)
failed=$((failed + errors))
# A runner that failed without a failed test (a crash at exit, say) is a failure too.
[ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
[ "$passed" -eq 0 ] && [ "$failed" -eq 0 ] && failed=1
[ "$failed" -eq 0 ] || echo "What the tests printed is in $output." >&2
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
