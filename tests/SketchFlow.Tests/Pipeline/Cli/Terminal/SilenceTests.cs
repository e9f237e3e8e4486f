using System.Diagnostics;
using System.Globalization;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Learning.Training;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

/// <summary>Runs the slow verbs on the sketches of PACS, on a terminal and in a pipe, and measures the longest time without output.</summary>
[Collection(nameof(Alone))]
public sealed class SilenceTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    private static readonly string[] _verbs =
    [
        "data stats --data DATA --size 96", "train --data DATA --model resnet18 --image-size 32 --dry-run",
        "train --data DATA --model resnet18 --image-size 32 --epochs 1 --run one", "train --data DATA --model resnet18 --image-size 32 --epochs 1 --run two",
        "predict --run all", "evaluate --run one --against two", "ensemble", "soup --run one two --name mixed", "classify --run one DATA/test --csv",
        "lr-find --data DATA --model resnet18 --image-size 32 --steps 20", "batch-find --data DATA --model resnet18 --image-size 32 --largest 8",
        "models list convnext", "runs", "runs one two",
    ];

    [Long]
    [Theory(Timeout = 1_200_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_silent_for_more_than_two_seconds(bool onTerminal)
    {
        using var artifacts = new TemporaryFolder();
        var data = Path.Combine(Reference.Folder, "data", "pacs-sketch");
        List<string> silent = [];
        foreach (var verb in _verbs)
        {
            // Where other programs use the cores, everything takes longer by their number.
            var busy = Math.Max(1, Load() / Environment.ProcessorCount);
            var (exitCode, gap, at) = await Run(artifacts.Root, verb.Replace("DATA", data, StringComparison.Ordinal), onTerminal);
            Assert.True(exitCode == 0, $"{verb}: exit {exitCode}");
            if (gap > _limit * busy)
            {
                silent.Add(string.Create(CultureInfo.InvariantCulture, $"{verb}: {gap.TotalSeconds:0.00} s after {at.TotalSeconds:0.0} s, load {busy:0.0}"));
            }
        }

        Assert.Empty(silent);
    }

    private static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static async Task<(int ExitCode, TimeSpan Gap, TimeSpan At)> Run(string artifacts, string verb, bool onTerminal)
    {
        var command = $"'{ProgramRunner.Path}' {verb}";
        // script gives its command a terminal.
        var start = onTerminal ? new ProcessStartInfo("script", ["-qefc", $"stty cols 80 rows 24; exec {command}", "/dev/null"])
            : new ProcessStartInfo("sh", ["-c", $"exec {command} 2>&1"]);
        (start.UseShellExecute, start.RedirectStandardOutput, start.RedirectStandardInput) = (false, true, true);
        start.Environment["SKETCHFLOW_ARTIFACTS"] = artifacts;
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("SKETCHFLOW_PROGRESS");
        start.Environment.Remove("COLUMNS");
        using var process = Process.Start(start)!;
        var (watch, last, gap, at) = (Stopwatch.StartNew(), TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var buffer = new byte[4096];
        while (true)
        {
            var read = await process.StandardOutput.BaseStream.ReadAsync(buffer);
            var now = watch.Elapsed;
            if (now - last > gap)
            {
                (gap, at) = (now - last, last);
            }

            last = now;
            if (read == 0)
            {
                break;
            }
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, gap, at);
    }
}
