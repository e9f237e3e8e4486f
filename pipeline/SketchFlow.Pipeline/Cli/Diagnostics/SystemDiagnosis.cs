using System.Runtime.InteropServices;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Installation;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Pipeline.Cli.Diagnostics;

/// <summary>Checks machine, native libraries and device, and says how to fix what is missing.</summary>
public static class SystemDiagnosis
{
    private const string Rebuild = "make clean build";

    /// <summary>Runs all checks, in the order in which one depends on the other.</summary>
    public static IEnumerable<Finding> Run()
    {
        yield return new(null, "system", $"{OperatingSystemName()}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}");
        yield return CheckCpu();
        var memory = SystemMemory.LimitBytes / 1e9;
        yield return new(memory >= 4 ? true : null, "memory", $"{memory:0.0} GB");
        var drive = new DriveInfo(Directory.GetCurrentDirectory());
        var free = drive.AvailableFreeSpace / 1e9;
        yield return new(free >= 2, "disk", $"{free:0.0} GB free at {drive.Name}", free >= 2 ? "" : "free at least 2 GB for runs and logits");

        if (OperatingSystem.IsLinux())
        {
            yield return CheckStandardLibrary();
        }

        if (LibTorch.IsToBeFetched)
        {
            yield return DescribeAbsentLibtorch();
        }
        else
        {
            yield return CheckLibtorch();
            yield return CheckDevice();
            yield return CheckMixedPrecision();
        }

        yield return CheckOpenCv();
        yield return CheckFonts();
    }

    private static Finding CheckCpu() => new(
        null, "CPU",
        $"{Environment.ProcessorCount} cores, bfloat16 in hardware: {(MixedPrecision.CpuHasBFloat16 ? "yes" : "no")}; --amp auto means "
        + (MixedPrecision.CpuIsFasterInBFloat16 ? "bf16"
            : MixedPrecision.CpuHasBFloat16 ? "off, because bfloat16 is no faster than float32 on this CPU, or ONEDNN_MAX_CPU_ISA forbids it"
            : "off"));

    private static Finding CheckStandardLibrary()
    {
        const string Subject = "libstdc++";
        if (SymbolVersions.SystemLibStdCpp() is not { } system)
        {
            return new(false, Subject, "not found", "apt-get install libstdc++6");
        }

        var newest = SymbolVersions.Defined(system).Where(v => v.StartsWith("GLIBCXX_3", StringComparison.Ordinal))
            .MaxBy(v => Version.TryParse(v["GLIBCXX_".Length..], out var version) ? version : new Version(0, 0));
        if (!File.Exists(LibTorch.BridgePath))
        {
            return new(false, Subject, $"{system} ({newest}); libLibTorchSharp.so is missing from the program's folder", Rebuild);
        }

        var missing = SymbolVersions.Missing(LibTorch.BridgePath, system);
        return missing.Length > 0 && LibTorch.Source is not null
            ? new(null, Subject, $"{system} ({newest}); the first command that needs libtorch adapts libLibTorchSharp.so to it")
            : missing.Length > 0
            ? new(false, Subject, $"{system} ({newest}) lacks {string.Join(", ", missing.Select(m => m.Version))}", "sketchflow doctor --mend")
            : new(true, Subject, $"{system} ({newest})");
    }

    private static Finding DescribeAbsentLibtorch() => new(
        null, "libtorch", $"{LibTorchCache.Version}, not fetched yet; the first command that needs it fetches it", "sketchflow doctor --fetch-libtorch");

    private static Finding CheckLibtorch()
    {
        try
        {
            return new(true, "libtorch", LibTorch.Describe());
        }
        catch (RefusalException e)
        {
            return new(false, "libtorch", e.Message, FixForLibrary(LibTorch.Folder is { } f ? Path.Combine(f, "libtorch_cpu.so") : LibTorch.BridgePath));
        }
    }

    private static Finding CheckDevice()
    {
        try
        {
            if (ComputeDevice.Cuda is { } gpu)
            {
                return new(true, "device", $"CUDA, compute capability {gpu.ComputeCapability}");
            }

            return CudaDriver.ComputeCapability(0) is { } capability
                ? new(null, "device", $"CPU; there is a GPU with compute capability {capability}, but this libtorch has no CUDA",
                    $"make build DEVICE=cuda, or set {LibTorch.EnvironmentVariable} to the torch/lib folder of a PyTorch with CUDA")
                : new(null, "device", "CPU");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(false, "device", e.Message.Split('\n')[0], "fix libtorch first");
        }
    }

    private static Finding CheckMixedPrecision()
    {
        const string Subject = "mixed precision";
        try
        {
            return Autocast.IsSupported
                ? new(true, Subject, "available")
                : new(null, Subject, "not available in this libtorch; training uses --amp off");
        }
        catch (RefusalException)
        {
            return new(false, Subject, "libtorch does not load", "fix libtorch first");
        }
    }

    private static Finding CheckOpenCv()
    {
        try
        {
            return new(true, "OpenCV", OpenCvLibrary.Version());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var library = Path.Combine(AppContext.BaseDirectory, "libOpenCvSharpExtern.so");
            return new(false, "OpenCV", "OpenCvSharp's library does not load", FixForLibrary(library));
        }
    }

    private static Finding CheckFonts()
    {
        var missing = MissingFont.All();
        return missing.Count == 0
            ? new(true, "fonts", "pictures can show class names of all scripts")
            : new(
                null, "fonts",
                $"none for {string.Join(", ", missing.Select(m => m.Scripts))}: pictures show numbers instead of class names in these scripts",
                $"apt-get update && apt-get install -y {string.Join(' ', missing.Select(m => m.Package))}");
    }

    /// <summary>Returns Debian's package with a library of the system that native libraries need; null for those that every system has.</summary>
    internal static string? DebianPackage(string library) => library switch
    {
        "libstdc++.so.6" => "libstdc++6",
        "libgcc_s.so.1" => "libgcc-s1",
        "libgomp.so.1" => "libgomp1",
        _ => null,
    };

    /// <summary>Returns the command that installs the libraries which the system's loader does not find for a library.</summary>
    private static string FixForLibrary(string library)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(library))
        {
            return Rebuild;
        }

        var missing = DynamicLoader.MissingLibraries(library);
        if (missing.Count == 0)
        {
            return $"sketchflow doctor --mend, or {Rebuild}";
        }

        var packages = missing.Select(DebianPackage).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var fix = packages.Count > 0 ? $"apt-get update && apt-get install -y {string.Join(' ', packages)}" : Rebuild;
        return $"{fix}; missing: {string.Join(", ", missing)}";
    }

    private static string OperatingSystemName() =>
        File.Exists("/etc/os-release")
            ? File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"')
                ?? RuntimeInformation.OSDescription
            : RuntimeInformation.OSDescription;
}
