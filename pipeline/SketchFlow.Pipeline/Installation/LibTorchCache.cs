using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Pipeline.Installation;

/// <summary>
/// Keeps libtorch for programs that are installed without it: fetches the NuGet package with which the program was built, once per version, into the user's
/// cache.
/// </summary>
/// <param name="package">The package.</param>
/// <param name="caches">Folder of the user's caches.</param>
/// <param name="feeds">Folder whose NuGet.Config applies; null for the current folder.</param>
public sealed class LibTorchCache(LockedPackage package, string caches, string? feeds) : ILibTorchSource
{
    /// <summary>Name of the package.</summary>
    public const string Id = "libtorch-cpu-linux-x64";

    // The package has 128 MB, its libraries 463 MB.
    private const long MaxPackageBytes = 400_000_000;
    private const long MaxUnpackedBytes = 1_200_000_000;
    private const long NeededBytes = 700_000_000;

    // The rest of the package (Python bindings, TorchScript test back ends) is never loaded from .NET.
    private static readonly ImmutableArray<string> _libraries = ["libc10.so", "libgomp-98b21ff3.so.1", "libtorch_cpu.so", "libtorch.so"];

    /// <summary>Version of libtorch with which the program was built.</summary>
    public static string Version => ProgramVersions.Package(Id).Version;

    /// <summary>Whether the program is installed without libtorch and can use the package: on Linux on x86-64, unless it was built for CUDA.</summary>
    public static bool IsNeeded => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && !LibTorch.IsBesideProgram
        && typeof(LibTorchCache).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(a => a is { Key: "LibTorch", Value: not "cuda" });

    /// <summary>Files of the package that are kept.</summary>
    public static ImmutableArray<string> Members => [.. _libraries.Select(library => $"runtimes/linux-x64/native/{library}"), "LICENSE-LIBTORCH.txt"];

    /// <summary>Folder into which the libraries are unpacked.</summary>
    public string Folder => Path.Combine(caches, $"libtorch-{package.Version}");

    /// <summary>Opens the progress display.</summary>
    public ProgressBarFactory Progress { get; init; } = NoProgress.Factory;

    /// <summary>Receives log messages.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>Stops a download.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Creates the cache of this user: <c>sketchflow</c> in XDG_CACHE_HOME, else in <c>~/.cache</c>.</summary>
    /// <param name="progress">Opens the progress display.</param>
    /// <param name="log">Receives log messages.</param>
    public static LibTorchCache OfUser(ProgressBarFactory progress, Action<string> log)
    {
        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var caches = Path.IsPathFullyQualified(xdg ?? "") ? xdg! : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new(ProgramVersions.Package(Id), Path.Combine(caches, "sketchflow"), null) { Progress = progress, Log = log };
    }

    /// <inheritdoc/>
    public string? Find() => _libraries.All(library => File.Exists(Path.Combine(Folder, library))) ? Folder : null;

    /// <inheritdoc/>
    public string Fetch() => Find() ?? FetchAsync().GetAwaiter().GetResult();

    private async Task<string> FetchAsync()
    {
        using var alone = await FileLock.WaitAsync(
            $"{Folder}.lock", () => Log($"Another program is fetching libtorch {package.Version}; waiting for it."), Cancellation).ConfigureAwait(false);
        if (Find() is { } found)
        {
            return found;
        }

        DeadTemporaries.Delete(caches, below: false);
        if (SystemErrors.FreeBytes(caches) is { } free && free < NeededBytes)
        {
            throw new RefusalException(
                $"libtorch needs {NeededBytes / 1e6:0} MB, but the disk of {caches} has {free / 1e6:0} MB free; free some space, or set XDG_CACHE_HOME to "
                + "another folder.");
        }

        var temporary = DeadTemporaries.NameFor(Folder);
        try
        {
            var unpacked = Path.Combine(temporary, "unpacked");
            Directory.CreateDirectory(unpacked);
            await DownloadAsync(Path.Combine(temporary, "package.nupkg"), unpacked).ConfigureAwait(false);
            if (Directory.Exists(Folder))
            {
                // A folder without all libraries, which only a user can have left.
                Directory.Delete(Folder, recursive: true);
            }

            Directory.Move(unpacked, Folder);
            WholeFile.FlushFolder(caches);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }

        Log($"libtorch {package.Version} is in {Folder}, for all later runs.");
        return Folder;
    }

    private async Task DownloadAsync(string file, string unpacked)
    {
        Log($"Fetching libtorch {package.Version} once (NuGet package {package.Id}).");
        var sources = PackageFeeds.Read(feeds ?? Directory.GetCurrentDirectory(), package.Id);
        var reasons = await sources.CopyAsync(
            package,
            async copy =>
            {
                await using var stream = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
                using (var display = new MegabyteProgress(Progress, $"libtorch {package.Version}"))
                {
                    await copy.ToAsync(stream, MaxPackageBytes, display.Report, Cancellation).ConfigureAwait(false);
                }

                PackageArchive.Verify(stream, package, Cancellation);
                PackageArchive.Unpack(stream, Members, unpacked, MaxUnpackedBytes, Cancellation);
            },
            Cancellation).ConfigureAwait(false);
        if (reasons is not null)
        {
            throw new RefusalException(
                $"This command needs libtorch {package.Version}, which is fetched once, and no NuGet source provides the package {package.Id}"
                + $"{(reasons.Count > 0 ? $" ({string.Join("; ", reasons)})" : ": none is configured")}; connect to the network, add a source that has it "
                + $"(dotnet nuget add source), or set {LibTorch.EnvironmentVariable} to the torch/lib folder of a PyTorch {package.Version}.");
        }
    }
}
