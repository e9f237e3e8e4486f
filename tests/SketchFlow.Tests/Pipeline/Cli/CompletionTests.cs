using System.Diagnostics;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Pipeline.Cli.Completion;
using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Bash completes what the program knows, with the script that <c>sketchflow completion bash</c> prints; other shells accept theirs.</summary>
public sealed class CompletionTests : IDisposable
{
    // Answers of bash for the line up to the cursor, one per line.
    private const string Ask = """
        eval "$(sketchflow completion bash)" || exit 3
        COMP_LINE="$1"
        COMP_POINT=${#COMP_LINE}
        read -ra COMP_WORDS <<<"$COMP_LINE"
        if [[ $COMP_LINE == *' ' ]]; then COMP_WORDS+=(""); fi
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        complete -p sketchflow >/dev/null || exit 4
        _sketchflow
        if (( ${#COMPREPLY[@]} )); then printf '%s\n' "${COMPREPLY[@]}"; fi
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("completion-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sketchflow tr", "train transforms")]
    [InlineData("sketchflow bench lo", "loader")]
    [InlineData("sketchflow train --dr", "--dry-run")]
    [InlineData("  sketchflow train --dr", "--dry-run")]
    [InlineData("sketchflow train --data \"my images\" --dr", "--dry-run")]
    [InlineData("sketchflow train --json --dr", "--dry-run")]
    [InlineData("sketchflow train --set lr=1 --dr", "--dry-run")]
    [InlineData("sketchflow train --model convnext_atto_", "convnext_atto_64 convnext_atto_ols convnext_atto_rms")]
    [InlineData("sketchflow train --model=convnext_atto_o", "convnext_atto_ols")]
    [InlineData("sketchflow train --model resnet18.a1", "resnet18.a1_in1k")]
    [InlineData("sketchflow train --model baseline_resnet18", "baseline_resnet18")]
    [InlineData("sketchflow train --recipe fine", "finetune finetune_large")]
    [InlineData("sketchflow train --set optimizer.l", "optimizer.layer_decay= optimizer.learning_rate=")]
    [InlineData("sketchflow train --device ", "auto cpu cuda")]
    [InlineData("sketchflow ensemble --method b", "backward bagged")]
    [InlineData("sketchflow completion ba", "bash")]
    [InlineData("sketchflow predict --run first", "first-run first-2")]
    [InlineData("sketchflow evaluate --run ", "first-run first-2 mixed")]
    [InlineData("sketchflow ensemble --from ", "mixed")]
    [InlineData("sketchflow runs first-r", "first-run")]
    [InlineData("sketchflow no-such-verb --n", "")]
    public void Bash_completes(string line, string expected)
    {
        // Nothing of a name may be executed, or offered where a shell would read more than a word.
        foreach (var run in (string[])["first-run", "first-2", "$(touch executed)", "a b", "`touch executed`"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, "runs", run));
            File.Copy(RecipeFile.Find("resnet18"), Path.Combine(_folder, "runs", run, "recipe.yaml"));
            File.WriteAllText(Path.Combine(_folder, "runs", run, "best.safetensors"), "");
        }

        Directory.CreateDirectory(Path.Combine(_folder, "ensembles"));
        File.WriteAllText(Path.Combine(_folder, "ensembles", "mixed.yaml"), "");

        var answers = Run("bash", "-c", Ask, "bash", line).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        string[] names = [.. answers.Where(answer => answer[0] != '-' || line.Contains("--d", StringComparison.Ordinal))];
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        Assert.False(File.Exists(Path.Combine(_folder, "executed")));
    }

    [Theory]
    [InlineData(CompletionShell.Bash, "bash")]
    [InlineData(CompletionShell.Zsh, "zsh")]
    [InlineData(CompletionShell.Fish, "fish")]
    public void A_shell_that_is_installed_accepts_its_script(CompletionShell shell, string program)
    {
        var script = CompletionScript.For(shell);
        Assert.Contains("[suggest:", script, StringComparison.Ordinal);
        var isInstalled = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
        Assert.SkipUnless(isInstalled, $"{program} is not installed");
        var file = Path.Combine(_folder, "script");
        File.WriteAllText(file, script);

        Assert.Equal("", Run(program, "-n", file));
    }

    [Fact]
    public void The_help_of_model_names_every_family_and_its_recipes()
    {
        var text = CommonOptions.Model.Description!;
        Assert.All(Zoo.Families.SelectMany(family => family.ShortNames), name =>
            Assert.True(
                text.Contains($"{name.Name} ({name.Recipe.Cpu}, {name.Recipe.Gpu})", StringComparison.Ordinal)
                || text.Contains($"{name.Name} (CPU {name.Recipe.Cpu}, GPU {name.Recipe.Gpu})", StringComparison.Ordinal),
                name.ToString()));
    }

    private string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(ProgramRunner.Path)}:{start.Environment["PATH"]}";
        start.Environment["SKETCHFLOW_ARTIFACTS"] = _folder;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error.Result);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
