"""Counts what HOUSE.md measures: files per folder, long lines, method lengths, parameters, odd phrases (docs/word-list.tsv).

    python3 tests/reference/house_numbers.py                     the table of numbers
    python3 tests/reference/house_numbers.py --list PATH ...     every place to change below these paths (files or folders)

Only Python's standard library is needed. Methods are found by their indentation, which `dotnet format` guarantees.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("stages/", "pipeline/", "tests/")
FRAGMENT = re.compile(r"<(?:summary|returns|param name=\"\w+\"|remarks|exception cref=\"[\w.{}]+\")>\s*(What|How|Where|Of|Its|As|Which|That|Than) ")
METHOD = re.compile(r"^(?:    ){1,2}(?:(?:public|private|internal|protected|static|sealed|override|virtual|abstract|async|unsafe|new|partial|readonly|extern) )*"
                    r"[\w<>\[\],.?() ]+ (\w+)(?:<[\w, ]+>)?\((.*)$")


def patterns():
    for line in (ROOT / "docs/word-list.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, instead = line.split("\t")
            yield re.compile(pattern, re.I), instead


def tracked():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True, capture_output=True, check=True).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).exists()]


def prose(name, lines):
    """Yields (line number, text) of the comments of a source file, or of all lines of a page outside its code blocks."""
    fenced = False
    for number, line in enumerate(lines, 1):
        if name.endswith(".cs"):
            found = re.match(r"^\s*///?\s?(.*)$", line) or re.search(r"(?<=[;{},)])\s+// (.*)$", line)
            if found:
                yield number, re.sub(r"<c>.*?</c>|<see cref=\"[^\"]*\"/>|<paramref name=\"\w+\"/>", " ", found.group(1))
        elif name.endswith(".md"):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            elif not fenced:
                yield number, re.sub(r"`[^`]*`|--[a-z-]+|default: '[^']*'", " ", line)


def methods(lines):
    """Yields (name, first line, length, parameters) of the methods of a file."""
    for index, line in enumerate(lines):
        found = METHOD.match(line)
        if not found or line.rstrip().endswith(";") or re.match(r"^\s*(return|throw|await|yield|else|new|using|if|var|case)\b", line):
            continue
        indent = len(line) - len(line.lstrip())
        text, depth, at = "", 1, index
        rest = found.group(2)
        while depth > 0 and at < len(lines):
            for character in rest:
                depth += character in "([<{"
                depth -= character in ")]>}" and not text.endswith("=")
                if depth == 0:
                    break
                text += character
            at += 1
            rest = lines[at] if at < len(lines) else ""
        plain = re.sub(r"<[^<>]*>|\([^()]*\)|\[[^\]]*\]|\"[^\"]*\"", "", text)
        count = len([part for part in plain.split(",") if part.strip()])
        end = at - 1
        while end + 1 < len(lines) and not (lines[end].startswith(" " * indent + "}") or (lines[end].rstrip().endswith(";") and end == at - 1)):
            end += 1
            if lines[end].strip() and len(lines[end]) - len(lines[end].lstrip()) <= indent and lines[end].strip() not in ("{", "}", "};") and end > at:
                break
        yield found.group(1), index + 1, end - index + 1, count


def main(arguments):
    listing = arguments[:1] == ["--list"]
    wanted = [argument.rstrip("/") for argument in arguments[1:]] if listing else []
    words = odd = long_lines = 0
    longest, most, folders, over80 = (0, ""), (0, ""), {}, 0
    table = list(patterns())
    for name in tracked():
        if listing and wanted and not any(name == w or name.startswith(w + "/") for w in wanted):
            continue
        if not name.endswith((".cs", ".md")) or name == "CHANGELOG.md":
            continue
        lines = (ROOT / name).read_text(errors="replace").splitlines()
        if name.endswith(".cs"):
            folder = name.rsplit("/", 1)[0]
            folders[folder] = folders.get(folder, 0) + 1
            for number, line in enumerate(lines, 1):
                if len(line) > 160:
                    long_lines += 1
                    if listing:
                        print(f"{name}:{number}: {len(line)} characters")
            if name.startswith(SOURCES):
                for method, number, length, parameters in methods(lines):
                    longest = max(longest, (length, f"{method} ({name}:{number})"))
                    most = max(most, (parameters, f"{method} ({name}:{number})"))
                    over80 += length > 80
                    if listing and (length > 80 or parameters > 6):
                        print(f"{name}:{number}: {method}: {length} lines, {parameters} parameters")
        for number, text in prose(name, lines):
            words += len(re.findall(r"[A-Za-z']+", text))
            for pattern, instead in table:
                for match in pattern.finditer(text):
                    odd += 1
                    if listing:
                        print(f"{name}:{number}: '{match.group(0)}' -> {instead}")
            if FRAGMENT.search(text):
                odd += 1
                if listing:
                    print(f"{name}:{number}: begins with a fragment: {text.strip()[:80]}")
    if listing:
        return
    largest = sorted(folders.items(), key=lambda item: -item[1])[:6]
    print("| measure | value |\n| --- | --- |")
    print("| C# files in the largest folders | " + "; ".join(f"{folder} {count}" for folder, count in largest) + " |")
    print(f"| longest method | {longest[0]} lines: {longest[1]} |\n| methods above 80 lines | {over80} |")
    print(f"| most parameters | {most[0]}: {most[1]} |\n| C# lines above 160 characters | {long_lines} |")
    print(f"| odd phrases per 10,000 words of comments and docs | {10000 * odd / max(1, words):.1f} ({odd} in {words:,} words) |")


main(sys.argv[1:])
