using System.Diagnostics;
using System.Reflection;
using SketchFlow.Tests.Inference;

namespace SketchFlow.Tests.Packages;

/// <summary>The packages of all stages in a feed outside the repository, with copies of the examples, an exported model and images next to it.</summary>
public sealed class LocalFeed : IDisposable
{
    private readonly ExportedRun _exported = new();

    public LocalFeed()
    {
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Repository.Root, "stages"), "*.csproj", SearchOption.AllDirectories))
        {
            Dotnet(Repository.Root, "pack", project, "-c", "Release", "--no-build", $"-p:PackageOutputPath={Packages}/");
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(Repository.Root, file);
            if (!path.Split('/').Any(part => part is "bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
                File.Copy(file, At(path));
            }
        }

        Images = TestImages.Write(At("images"));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-packages-").FullName;

    public string Packages => At("artifacts/packages");

    public string Model => _exported.Bytes;

    public string Artifacts => _exported.Artifacts;

    /// <summary>Good and broken images.</summary>
    public string[] Images { get; }

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>Builds an example against the packages and returns the path of its assembly.</summary>
    public string Build(string example)
    {
        Dotnet(At($"examples/{example}"), "build", "-c", "Release", "-v", "quiet", "--nologo", "-p:UseSharedCompilation=false");
        return At($"examples/{example}/bin/Release/net10.0/{example}.dll");
    }

    /// <summary>Starts the .NET command in a folder.</summary>
    /// <remarks>The packages of SketchFlow are restored into a folder of their own, since NuGet never replaces a version in its cache.</remarks>
    public Process Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NUGET_PACKAGES"] = At("restored");
        start.Environment["NUGET_FALLBACK_PACKAGES"] =
            typeof(LocalFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PackageRoot").Value!;
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Runs the .NET command to its end.</summary>
    /// <returns>Exit code, standard output and standard error.</returns>
    public (int ExitCode, string Output, string Error) Run(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public void Dotnet(string folder, params string[] arguments)
    {
        var (exitCode, output, error) = Run(folder, arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}: exit {exitCode}\n{output}\n{error}");
    }

    public void Dispose()
    {
        _exported.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}
