#!/bin/sh
# Makes sure that the build finds the .NET SDK; otherwise says exactly what to type. The program needs no further libraries of the system.
set -eu

command -v dotnet >/dev/null 2>&1 || {
    echo "The .NET 10 SDK is not on the PATH; install it (package dotnet-sdk-10.0) and run make again." >&2
    exit 1
}
