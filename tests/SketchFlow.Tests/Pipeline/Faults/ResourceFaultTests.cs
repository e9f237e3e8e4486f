using System.Diagnostics;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Faults;

/// <summary>Full and read-only disks, few handles, little memory and two processes: one sentence with the cause, and nothing half-written.</summary>
[Long]
public sealed class ResourceFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ResourceFaultTests() => DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 10, TestPerClass = 4, Seed = 5 }, Data);

    private string Data => _folder["few"];

    private string Artifacts => _folder["artifacts"];

    // Eleven million parameters: 45 MB of weights, 130 MB of a resume file.
    private string[] Train => ["train", "--model", "resnet18", "--data", Data, "--run", "one", .. TrainedRuns.Quick];

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = 1_200_000)]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(60)]
    public async Task A_full_disk_is_named_and_the_run_resumes_with_more_space(int megabytes)
    {
        await Task.Yield();
        using var mount = Mount.Memory(Artifacts, megabytes);
        Refused(ProgramRunner.Run(Artifacts, Train), "space");
        Assert.DoesNotContain(Directory.EnumerateFiles(Artifacts, "*.tmp", SearchOption.AllDirectories), _ => true);
        mount.Resize(1000);
        var resumed = ProgramRunner.Run(Artifacts, [.. Train, "--resume"]);
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
    }

    [Fact(Timeout = 1_200_000)]
    public async Task A_read_only_folder_is_named_by_every_verb_that_writes()
    {
        await Task.Yield();
        var trained = ProgramRunner.Run(Artifacts, Train);
        Assert.True(trained.ExitCode == 0, trained.ToString());
        using var mount = Mount.ReadOnly(Artifacts);
        Refused(ProgramRunner.Run(Artifacts, "predict", "--run", "one"), "ead-only");
        Refused(ProgramRunner.Run(Artifacts, [.. Train, "--resume"]), "ead-only");
        Refused(ProgramRunner.Run(Artifacts, [.. Train[..6], "two", .. Train[7..]]), "ead-only");
        Refused(ProgramRunner.Run(Artifacts, "data", "doodles", "--out", Path.Combine(Artifacts, "more"), "--classes", "2"), "ead-only");
    }

    [Theory(Timeout = 1_200_000)]
    [InlineData("-n 48")]
    [InlineData("-n 96")]
    [InlineData("-v 2000000")]
    public async Task A_process_with_little_ends_or_works_but_shows_no_stack(string limit)
    {
        await Task.Yield();
        var start = new ProcessStartInfo("sh", ["-c", $"ulimit {limit}; exec \"$0\" \"$@\"", ProgramRunner.Path, .. Train])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SKETCHFLOW_ARTIFACTS"] = Artifacts;
        start.Environment["SKETCHFLOW_PROGRESS"] = "none";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(8)), "the program did not end");

        // Below 40 handles, .NET cannot load the libraries that the first line of the program needs; the shell's default is 1,024.
        if (process.ExitCode != 0)
        {
            Assert.DoesNotContain("   at ", await error, StringComparison.Ordinal);
        }

        Assert.NotEmpty(await output + await error);
        var files = Directory.Exists(Artifacts) ? Directory.EnumerateFiles(Artifacts, "*.tmp", SearchOption.AllDirectories) : [];
        Assert.Empty(files);
    }

    [Fact(Timeout = 1_200_000)]
    public async Task A_second_process_of_the_same_run_is_refused_and_the_first_ends()
    {
        await Task.Yield();
        var first = Task.Run(() => ProgramRunner.Run(Artifacts, Train));
        var folder = Path.Combine(Artifacts, "runs", "one");
        while (!File.Exists(Path.Combine(folder, "recipe.yaml")) && !first.IsCompleted)
        {
            await Task.Delay(20);
        }

        foreach (var more in (string[][])[[], ["--resume"], ["--overwrite"]])
        {
            var second = ProgramRunner.Run(Artifacts, [.. Train, .. more]);
            if (!first.IsCompleted)
            {
                Refused(second, "one");
            }
        }

        var done = await first;
        Assert.True(done.ExitCode == 0, done.ToString());
    }

    private static void Refused(ProgramResult result, string cause)
    {
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains(cause, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
