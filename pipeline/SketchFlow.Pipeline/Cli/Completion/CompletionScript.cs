using System.Diagnostics;

namespace SketchFlow.Pipeline.Cli.Completion;

/// <summary>
/// The completion scripts. Each asks the program itself (the directive <c>[suggest:POSITION]</c> with the line up to the cursor), and takes the answers that
/// begin with the word at the cursor; without any it offers files. <c>--option=value</c> is asked as two words.
/// </summary>
internal static class CompletionScript
{
    // Not compgen -W, which would expand $(...) in the names of runs.
    private const string Bash = """
        # Completion of sketchflow in bash: eval "$(sketchflow completion bash)"
        _sketchflow() {
            local line="${COMP_LINE:0:COMP_POINT}" word candidate
            line="${line#"${line%%[![:space:]]*}"}"
            line="sketchflow${line#"${COMP_WORDS[0]}"}"
            if [[ $line =~ ^(.*[[:space:]]--[A-Za-z0-9_-]+)=([^[:space:]]*)$ ]]; then
                line="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
            fi
            word="${line##*[[:space:]]}"
            COMPREPLY=()
            while IFS= read -r candidate; do
                if [[ -n $candidate && $candidate == "$word"* ]]; then
                    COMPREPLY+=("$candidate")
                fi
            done < <("${COMP_WORDS[0]/#\~/$HOME}" "[suggest:${#line}]" "$line" 2>/dev/null)
            if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
                compopt -o nospace 2>/dev/null
            fi
        }
        complete -o bashdefault -o default -F _sketchflow sketchflow

        """;

    private const string Zsh = """
        #compdef sketchflow
        # Completion of sketchflow in zsh, after compinit: eval "$(sketchflow completion zsh)"
        _sketchflow() {
            local line="sketchflow ${(j: :)words[2,CURRENT-1]} "
            local -a candidates
            if [[ $PREFIX == --*=* ]]; then
                line+="${PREFIX%%=*} ${PREFIX#*=}"
                compset -P 1 '*='
            else
                line+="$PREFIX"
            fi
            candidates=("${(@f)$("${words[1]/#\~/$HOME}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            candidates=(${(M)candidates:#${PREFIX}*})
            if (( ${#candidates} )); then
                compadd -S '' -- ${(M)candidates:#*=}
                compadd -- ${candidates:#*=}
            else
                _files
            fi
        }
        compdef _sketchflow sketchflow

        """;

    private const string Fish = """
        # Completion of sketchflow in fish: sketchflow completion fish | source
        function __sketchflow_complete
            set -l words (commandline -opc)
            set -l word (commandline -ct)
            set -l program $words[1]
            set -e words[1]
            set -l prefix ''
            set -l line (string join -- ' ' sketchflow $words)" $word"
            if string match -qr -- '^--[^=]+=' "$word"
                set prefix (string replace -r -- '=.*' '=' "$word")
                set line (string replace -r -- '=([^ =]*)$' ' $1' "$line")
            end
            set -l candidates ($program "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match -r '.+')
            if test (count $candidates) -gt 0
                string replace -r -- '^' "$prefix" $candidates
            else
                __fish_complete_path "$word"
            end
        end
        complete -c sketchflow -f -a '(__sketchflow_complete)'

        """;

    /// <summary>Returns the script for a shell.</summary>
    /// <param name="shell">The shell.</param>
    public static string For(CompletionShell shell) => shell switch
    {
        CompletionShell.Bash => Bash,
        CompletionShell.Zsh => Zsh,
        CompletionShell.Fish => Fish,
        _ => throw new UnreachableException($"There is no completion script for {shell}."),
    };
}
