using System.Diagnostics;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Reports.Fonts;

/// <summary>Runs the program where the system has no fonts, as in a container.</summary>
public sealed class NoSystemFontsTests
{
    private static readonly string[] _plan =
    [
        "train", "--model", "resnet18", "--image-size", "32", "--epochs", "2", "--run", "plan", "--device", "cpu", "--dry-run", "--full",
    ];

    [Long]
    [Fact(Timeout = 600_000)]
    public async Task A_plot_is_the_same_without_fonts_of_the_system()
    {
        using var folder = new TemporaryFolder();
        var data = folder["few"];
        Assert.Equal(0, ProgramRunner.Run(folder.Root, "data", "doodles", "--classes", "2", "--train", "10", "--test", "2", "--out", data).ExitCode);
        var (with, without) = (folder["with"], folder["without"]);
        Assert.Equal(0, ProgramRunner.Run(with, [.. _plan, "--data", data]).ExitCode);
        // A file system of its own hides the fonts, where the system lets a user have one.
        const string Hide = "mount -t tmpfs none /usr/share/fonts && ! ls /usr/share/fonts/* 2>/dev/null || exit 99; exec \"$0\" \"$@\"";
        folder.With("fonts.conf", "<?xml version=\"1.0\"?><fontconfig></fontconfig>");
        var start = new ProcessStartInfo("unshare", ["-rm", "sh", "-c", Hide, ProgramRunner.Path, .. _plan, "--data", data])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SKETCHFLOW_ARTIFACTS"] = without;
        start.Environment["FONTCONFIG_FILE"] = folder["fonts.conf"];
        start.Environment["HOME"] = folder["home"];
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var message = $"{await output}\n{await error}";
        Assert.SkipWhen(process.ExitCode is 1 or 99 && !Directory.Exists(without), $"no file system of its own: {message}");

        Assert.True(process.ExitCode == 0, message);
        Assert.Equal(File.ReadAllBytes(Picture(with)), File.ReadAllBytes(Picture(without)));
    }

    private static string Picture(string artifacts) => Path.Combine(artifacts, "reports", "plan-schedule.png");
}
