using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using SketchFlow.Learning.Native;

namespace SketchFlow.Pipeline.Installation;

/// <summary>Versions of the program and of the packages that it was built with; no native library is loaded.</summary>
/// <remarks>The packages are read from the lock file of the project, which is inside the program.</remarks>
public static class ProgramVersions
{
    private const string LockFile = "packages.lock.json";

    private static readonly Lazy<IReadOnlyDictionary<string, LockedPackage>> _packages = new(ReadLockFile);

    /// <summary>Version of the program, such as <c>0.1.0</c>: that of Directory.Build.props.</summary>
    public static string Program => Informational.Split('+')[0];

    /// <summary>Git commit of the sources; null if they were not in a git repository.</summary>
    public static string? Commit => Informational.Split('+') is [_, var commit] ? commit : null;

    private static string Informational =>
        typeof(ProgramVersions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Returns a package that the program was built with.</summary>
    /// <param name="id">The package's name.</param>
    /// <exception cref="ArgumentException">The program uses no such package.</exception>
    public static LockedPackage Package(string id) =>
        _packages.Value.TryGetValue(id, out var package) ? package : throw new ArgumentException($"The program uses no package {id}.", nameof(id));

    /// <summary>Describes the versions, one line for each part of the program.</summary>
    public static IEnumerable<string> Describe()
    {
        if (Commit is { } commit)
        {
            yield return $"commit        {commit}";
        }

        yield return $".NET          {RuntimeInformation.FrameworkDescription["NET ".Length..].TrimStart()}";
        var libtorch = Environment.GetEnvironmentVariable(LibTorch.EnvironmentVariable) is { Length: > 0 } other
            ? $"from {other}"
            : LibTorchCache.Version + (LibTorch.IsToBeFetched ? ", not fetched yet" : "");
        yield return $"libtorch      {libtorch} (TorchSharp {Package("TorchSharp").Version})";
        yield return $"OpenCV        {Package("OpenCvSharp4").Version}";
        yield return $"ONNX Runtime  {Package("Microsoft.ML.OnnxRuntime").Version}";
    }

    private static Dictionary<string, LockedPackage> ReadLockFile()
    {
        using var stream = typeof(ProgramVersions).Assembly.GetManifestResourceStream(LockFile)!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(package => package.Value.TryGetProperty("contentHash", out _))
            .ToDictionary(
                package => package.Name,
                package => new LockedPackage(
                    package.Name, package.Value.GetProperty("resolved").GetString()!, package.Value.GetProperty("contentHash").GetString()!),
                StringComparer.OrdinalIgnoreCase);
    }
}
