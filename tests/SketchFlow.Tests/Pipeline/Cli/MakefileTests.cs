using System.Diagnostics;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Arguments with which the targets of the Makefile call the program.</summary>
public sealed class MakefileTests
{
    [Theory]
    [InlineData(
        "train", "MODEL=my model.yaml|DATA=/a folder/it's here|RUN=one & two",
        "train|--model|my model.yaml|--data|/a folder/it's here|--run|one & two|--device|auto")]
    [InlineData(
        "train", "MODEL=vit|EPOCHS=3|DEVICE=cpu|ARGS=--set image_size=64 --resume",
        "train|--model|vit|--epochs|3|--device|cpu|--set|image_size=64|--resume")]
    [InlineData("train", "", "train|--model|convnext|--device|auto")]
    [InlineData("predict", "RUN=all|DATA=$HOME", "predict|--run|all|--data|$HOME|--device|auto")]
    [InlineData("classify", "RUN=run:my run|IN=new drawings/it's|ARGS=--top 3", "classify|--run|run:my run|--device|auto|--top|3|--|new drawings/it's")]
    [InlineData("classify", "IN=-x.png", "classify|--device|auto|--|-x.png")]
    [InlineData("export", "RUN=my run|ARGS=--half", "export|--run|my run|--half")]
    [InlineData("eda", "DATA=a b|ARGS=--json", "eda|--data|a b|--json")]
    [InlineData("audit", "RUN=all|DATA=a b|ARGS=--drop", "audit|--run|all|--data|a b|--drop")]
    [InlineData("explain", "RUN=my run|ARGS=--worst 3", "explain|--run|my run|--device|auto|--worst|3")]
    [InlineData("explain", "IN=it's here.png", "explain|--device|auto|--|it's here.png")]
    [InlineData("ensemble", "DATA=a b|ARGS=--aim logloss", "ensemble|--data|a b|--aim|logloss")]
    [InlineData("study", "", "study|augmentations|--device|auto")]
    [InlineData("study", "STUDY=losses|MODEL=vit|DATA=a b", "study|losses|--model|vit|--data|a b|--device|auto")]
    [InlineData("study", "STUDY=models|MODEL=vit|EPOCHS=2", "study|models|--epochs|2|--device|auto")]
    public void Names_and_folders_reach_the_program_unchanged(string target, string variables, string arguments)
    {
        // Make needs a literal $ doubled.
        string[] given = [.. variables.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Replace("$", "$$", StringComparison.Ordinal))];
        // Make prints its commands without running them; the last one then runs with a program that prints its arguments.
        var command = Output("make", ["--no-print-directory", "-n", "-C", Repository.Root, "PROGRAM=printf '%s|'", target, .. given]).TrimEnd().Split('\n')[^1];
        Assert.Equal(arguments, Output("sh", ["-c", command]).TrimEnd('|'));
    }

    private static string Output(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        // The variables of the make that runs the tests must not reach this one.
        foreach (var name in (string[])["MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MODEL", "DATA", "RUN", "IN", "EPOCHS", "DEVICE", "STUDY", "ARGS"])
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), $"{program} did not end");
        Assert.True(process.ExitCode == 0, $"{output}\n{error.Result}");
        return output;
    }
}
