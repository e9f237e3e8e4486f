using System.CommandLine;
using System.Runtime.InteropServices;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Cli.Terminal;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow doctor</c>: looks at machine, native libraries and device, and says how to mend what is missing.</summary>
    private static Command Doctor()
    {
        var mend = new Option<bool>("--mend")
        {
            Description = "Mend what can be mended without root: the symbol version that TorchSharp's library needs on Debian 12 and Ubuntu 22.04.",
        };
        var folder = new Argument<string>("folder")
        {
            Description = "Folder with libLibTorchSharp.so for --mend.",
            DefaultValueFactory = _ => AppContext.BaseDirectory,
        };
        var verb = new Command("doctor", "Check machine, native libraries and device, and say how to mend what is missing.") { mend, folder };
        verb.SetAction(parsed => parsed.GetValue(mend) ? Mend(parsed.GetValue(folder)!) : Examine());
        return verb;
    }

    private static int Mend(string folder)
    {
        var bridge = Path.Combine(folder, "libLibTorchSharp.so");
        if (!File.Exists(bridge))
        {
            throw new RefusalException($"There is no {bridge}; name the folder of the built program (artifacts/build).");
        }

        var missing = SymbolVersions.SystemLibStdCpp() is { } system ? SymbolVersions.Missing(bridge, system) : [];
        SymbolVersions.Weaken(bridge, missing);
        Console.WriteLine(missing.Length == 0
            ? $"{bridge}: nothing to mend."
            : $"{bridge}: marked {string.Join(", ", missing.Select(m => m.Version))} weak, which this system's libstdc++ lacks and nothing in the file uses.");
        return ExitCode.Done;
    }

    private static int Examine()
    {
        var table = TerminalTable.New().Text("").Text("What").Sentences("Found").Sentences("Mend");
        var healthy = true;
        foreach (var finding in Findings())
        {
            healthy &= finding.Good != false;
            table.AddRow(
                finding.Good switch { true => "[green]ok[/]", false => "[red]bad[/]", _ => "[grey]--[/]" },
                Markup.Escape(finding.What), Markup.Escape(finding.Found), Markup.Escape(finding.Mend));
        }

        table.Print();
        AnsiConsole.WriteLine(healthy ? "All is well." : "Something needs mending; the last column says how.");
        return healthy ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>One thing that doctor looked at; <paramref name="Good"/> is null where it is neither good nor bad.</summary>
    private sealed record Finding(bool? Good, string What, string Found, string Mend = "");

    private static IEnumerable<Finding> Findings()
    {
        yield return new(null, "system", $"{OperatingSystemName()}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}");
        yield return new(
            null, "processor",
            $"{Environment.ProcessorCount} cores, bfloat16 in hardware: {(MixedPrecision.CpuHasBFloat16 ? "yes" : "no")}; "
            + $"--amp auto is {(MixedPrecision.CpuIsFasterInBFloat16 ? "bf16" : MixedPrecision.CpuHasBFloat16 ? "off, since this processor's bfloat16 is no faster than its float32" : "off")}");
        var memory = SystemMemory.LimitBytes / 1e9;
        yield return new(memory >= 4 ? true : null, "memory", $"{memory:0.0} GB");
        var drive = new DriveInfo(Directory.GetCurrentDirectory());
        var free = drive.AvailableFreeSpace / 1e9;
        yield return new(free >= 2, "disk", $"{free:0.0} GB free at {drive.Name}", free >= 2 ? "" : "free at least 2 GB for runs and logits");

        if (OperatingSystem.IsLinux())
        {
            yield return StandardLibrary();
        }

        yield return Libtorch();
        yield return Device();
        yield return Autocasting();
        yield return OpenCv();
    }

    private static Finding StandardLibrary()
    {
        const string What = "libstdc++";
        if (SymbolVersions.SystemLibStdCpp() is not { } system)
        {
            return new(false, What, "not found", "apt-get install libstdc++6");
        }

        var newest = SymbolVersions.Defined(system).Where(v => v.StartsWith("GLIBCXX_3", StringComparison.Ordinal))
            .MaxBy(v => Version.TryParse(v["GLIBCXX_".Length..], out var version) ? version : new Version(0, 0));
        if (!File.Exists(LibTorch.BridgePath))
        {
            return new(false, What, $"{system} ({newest}); libLibTorchSharp.so is not beside the program", "make clean build");
        }

        var missing = SymbolVersions.Missing(LibTorch.BridgePath, system);
        return missing.Length > 0
            ? new(false, What, $"{system} ({newest}) lacks {string.Join(", ", missing.Select(m => m.Version))}", "sketchflow doctor --mend")
            : new(true, What, $"{system} ({newest})");
    }

    private static Finding Libtorch()
    {
        try
        {
            return new(true, "libtorch", LibTorch.Describe());
        }
        catch (RefusalException e)
        {
            return new(false, "libtorch", e.Message, MissingLibraries(LibTorch.Folder is { } f ? Path.Combine(f, "libtorch_cpu.so") : LibTorch.BridgePath));
        }
    }

    private static Finding Device()
    {
        try
        {
            return ComputeDevice.Cuda is { } card
                ? new(true, "device", $"CUDA, compute capability {card.ComputeCapability}")
                : new(null, "device", CudaDriver.ComputeCapability(0) is { } capability
                    ? $"CPU; a card with compute capability {capability} is there, but this libtorch has no CUDA"
                    : "CPU", CudaDriver.ComputeCapability(0) is null ? "" : $"make build DEVICE=cuda, or set {LibTorch.EnvironmentVariable} to a CUDA PyTorch's torch/lib");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(false, "device", e.Message.Split('\n')[0], "mend libtorch first");
        }
    }

    private static Finding Autocasting()
    {
        try
        {
            return new(Autocast.IsSupported ? true : null, "autocast", Autocast.IsSupported ? "libtorch's switch is exported" : "not exported by this libtorch; --amp off");
        }
        catch (RefusalException)
        {
            return new(false, "autocast", "libtorch does not load", "mend libtorch first");
        }
    }

    private static Finding OpenCv()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "libOpenCvSharpExtern.so");
        try
        {
            return new(true, "OpenCV", OpenCvLibrary.Version());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(false, "OpenCV", "OpenCvSharp's library does not load", MissingLibraries(library));
        }
    }

    /// <summary>What the system's own loader says is missing, as the packages to install.</summary>
    private static string MissingLibraries(string library)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(library))
        {
            return "make clean build";
        }

        var missing = DynamicLoader.MissingLibraries(library);
        if (missing.Count == 0)
        {
            return "sketchflow doctor --mend, or make clean build";
        }

        // GTK 3 brings everything else along but these.
        string Package(string name) => name switch
        {
            "libdrm.so.2" => "libdrm2",
            "libatomic.so.1" => "libatomic1",
            "libgomp.so.1" => "libgomp1",
            _ => "libgtk-3-0",
        };
        var packages = missing.Select(Package).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return $"apt-get update && apt-get install -y {string.Join(' ', packages)}"
            + (packages.Contains("libgtk-3-0") ? " (Debian 13, Ubuntu 24.04: libgtk-3-0t64)" : "") + $"; missing: {string.Join(", ", missing)}";
    }

    private static string OperatingSystemName() =>
        File.Exists("/etc/os-release")
            ? File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"')
                ?? RuntimeInformation.OSDescription
            : RuntimeInformation.OSDescription;
}
