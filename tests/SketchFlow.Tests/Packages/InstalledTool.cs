using System.Diagnostics;

namespace SketchFlow.Tests.Packages;

/// <summary>The program, packed and installed into a folder of its own.</summary>
public sealed class InstalledTool : IDisposable
{
    private const string NoSources = "<configuration><packageSources><clear /></packageSources></configuration>";

    public InstalledTool()
    {
        Directory.CreateDirectory(At("offline"));
        Directory.CreateDirectory(At("online"));
        File.WriteAllText(At("offline/nuget.config"), NoSources);
        Dotnet(
            Repository.Root, "pack", Path.Combine(Repository.Root, "pipeline", "SketchFlow.Pipeline"), "-c", "Release", "--no-build",
            $"-p:PackageOutputPath={At("feed")}/");
        var feed = $"<clear /><add key=\"feed\" value=\"{At("feed")}\" />";
        File.WriteAllText(At("nuget.config"), NoSources.Replace("<clear />", feed, StringComparison.Ordinal));
        Dotnet(Root, "tool", "install", "SketchFlow", "--tool-path", At("tools"), "--configfile", At("nuget.config"));
        File.Delete(At("nuget.config"));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-tool-").FullName;

    public string Package => Directory.EnumerateFiles(At("feed"), "*.nupkg").Single();

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>Runs the installed program.</summary>
    /// <param name="offline">Whether no NuGet source is configured.</param>
    /// <param name="arguments">The command line.</param>
    public (int ExitCode, string Output, string Error) Run(bool offline, params string[] arguments) =>
        Run(offline, offline ? "offline-cache" : "cache", arguments);

    /// <inheritdoc cref="Run(bool, string[])"/>
    /// <param name="offline">Whether no NuGet source is configured.</param>
    /// <param name="cache">Name of the folder of caches.</param>
    /// <param name="arguments">The command line.</param>
    public (int ExitCode, string Output, string Error) Run(bool offline, string cache, string[] arguments)
    {
        var start = Start(At("tools/sketchflow"), At(offline ? "offline" : "online"), arguments);
        start.Environment["XDG_CACHE_HOME"] = At(cache);
        start.Environment.Remove("SKETCHFLOW_LIBTORCH");
        start.Environment.Remove("SKETCHFLOW_ARTIFACTS");
        return Finish(start);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Dotnet(string folder, params string[] arguments)
    {
        var start = Start("dotnet", folder, arguments);
        start.Environment["NUGET_PACKAGES"] = arguments[0] == "tool" ? At("restored") : Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        var (exitCode, output, error) = Finish(start);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}: exit {exitCode}\n{output}\n{error}");
    }

    private static ProcessStartInfo Start(string program, string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        return start;
    }

    private static (int ExitCode, string Output, string Error) Finish(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
