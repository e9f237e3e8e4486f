#!/bin/sh
# Builds and runs all tests. The last line printed is "N passed, N failed, N skipped", from the runner's own report.
set -u
cd "$(dirname "$0")/.."
results=artifacts/build/tests/results.xml
rm -f "$results"

fail() {
    echo "$1" >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

dotnet build pipeline/SketchFlow.Pipeline -v quiet --nologo -clp:NoSummary || fail "The build failed."
dotnet build tests/SketchFlow.Tests -v quiet --nologo -clp:NoSummary || fail "The build of the tests failed."
dotnet build tests/SketchFlow.Benchmarks -v quiet --nologo -clp:NoSummary || fail "The build of the benchmarks failed."
dotnet format whitespace SketchFlow.sln --verify-no-changes --no-restore || fail "The formatting differs from .editorconfig; run dotnet format whitespace."

# Tests and the programs that they start share the cores: libtorch's threads must sleep while they wait for each other, not spin.
export OMP_WAIT_POLICY=PASSIVE

artifacts/build/tests/SketchFlow.Tests -xml "$results" "$@"
status=$?
[ -f "$results" ] || fail "The test runner ended with $status and wrote no results."

total() { # the sum of one attribute over the <assembly …> elements
    grep -o '<assembly [^>]*' "$results" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ s += $1 } END { print s + 0 }'
}
passed=$(total passed) failed=$(total failed) skipped=$(total skipped) errors=$(total errors)
failed=$((failed + errors))
# A runner that failed without a failed test (a crash at exit, say) is a failure all the same.
[ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
[ "$passed" -eq 0 ] && [ "$failed" -eq 0 ] && failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
