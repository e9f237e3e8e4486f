using System.Runtime.InteropServices;
using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>
/// Loads libtorch from the program's folder, from the folder that <c>SKETCHFLOW_LIBTORCH</c> names, or from the <see cref="Source"/> of a program that is
/// installed without it.
/// </summary>
public static class LibTorch
{
    /// <summary>Environment variable that names a folder with another libtorch, such as a pip PyTorch's <c>torch/lib</c>.</summary>
    public const string EnvironmentVariable = "SKETCHFLOW_LIBTORCH";

    private const string Bridge = "libLibTorchSharp.so";

    // In the order of their dependencies. The CUDA libraries are loaded where they are present; nothing refers to them by name, since they
    // register themselves with libtorch_cpu when loaded.
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lock Gate = new();
    private static nint _core;

    /// <summary>Source of libtorch where neither the program's folder nor the environment has it; null if there is none.</summary>
    public static ILibTorchSource? Source { get; set; }

    /// <summary>Whether libtorch must be fetched from <see cref="Source"/> before it can be loaded.</summary>
    /// <exception cref="RefusalException"><c>SKETCHFLOW_LIBTORCH</c> names a folder without libtorch_cpu.so.</exception>
    public static bool IsToBeFetched => OperatingSystem.IsLinux() && Source is not null && Folder is null;

    /// <summary>Folder of libtorch; null where it is not fetched yet, or TorchSharp finds it by its own rules (Windows, macOS, CUDA packages).</summary>
    /// <exception cref="RefusalException"><c>SKETCHFLOW_LIBTORCH</c> names a folder without libtorch_cpu.so.</exception>
    public static string? Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } chosen)
            {
                return File.Exists(Path.Combine(chosen, "libtorch_cpu.so"))
                    ? Path.GetFullPath(chosen)
                    : throw new RefusalException(
                        $"{EnvironmentVariable} is {chosen}, which has no libtorch_cpu.so; set it to the folder that "
                        + "python3 -c \"import torch; print(torch.__path__[0] + '/lib')\" prints.");
            }

            return IsBesideProgram ? Beside : Source?.Find();
        }
    }

    /// <summary>Whether libtorch certainly has no CUDA, which is known without loading or fetching it.</summary>
    /// <exception cref="RefusalException"><c>SKETCHFLOW_LIBTORCH</c> names a folder without libtorch_cpu.so.</exception>
    public static bool IsForCpu =>
        OperatingSystem.IsLinux() && (Folder is { } folder ? !File.Exists(Path.Combine(folder, "libtorch_cuda.so")) : Source is not null);

    /// <summary>Whether the program was built with libtorch.</summary>
    public static bool IsBesideProgram => File.Exists(Path.Combine(Beside, "libtorch_cpu.so"));

    /// <summary>Path of TorchSharp's native library, in the program's folder.</summary>
    public static string BridgePath => Path.Combine(AppContext.BaseDirectory, Bridge);

    private static string Beside => Path.Combine(AppContext.BaseDirectory, "libtorch");

    /// <summary>Loads libtorch once for the process. Call it before the first use of TorchSharp.</summary>
    /// <exception cref="RefusalException">A library is missing or does not load; the message says how to fix it.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (_core != 0)
            {
                return;
            }

            var core = OperatingSystem.IsLinux() ? LoadLinux() : 0;
            try
            {
                torch.InitializeDeviceType(DeviceType.CPU);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new RefusalException($"libtorch does not load ({FirstLine(e)}); run sketchflow doctor, which says how to fix it.", e);
            }

            _core = core != 0 || NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out core) ? core : -1;
        }
    }

    /// <summary>Describes TorchSharp's version and libtorch's folder in human-readable form. Loads libtorch.</summary>
    /// <exception cref="RefusalException">libtorch does not load.</exception>
    public static string Describe()
    {
        Load();
        return $"TorchSharp {typeof(torch).Assembly.GetName().Version}, {Folder ?? "found by TorchSharp"}, {torch.get_num_threads()} threads";
    }

    /// <summary>Number of tensors that this process holds now, which must not grow during training.</summary>
    public static long LiveTensors => torch.Tensor.TotalCount;

    /// <summary>Finds the address of a function that libtorch_cpu exports, by its mangled name; 0 where there is none.</summary>
    internal static nint Export(string mangledName)
    {
        Load();
        return _core > 0 && NativeLibrary.TryGetExport(_core, mangledName, out var address) ? address : 0;
    }

    private static nint LoadLinux()
    {
        if (IsToBeFetched)
        {
            Source!.Fetch();
        }

        CheckBridge();
        if (Folder is not { } folder)
        {
            return 0;
        }

        nint core = 0;
        foreach (var name in Libraries)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                continue;
            }

            try
            {
                var handle = NativeLibrary.Load(path);
                core = string.Equals(name, "libtorch_cpu.so", StringComparison.Ordinal) ? handle : core;
            }
            catch (DllNotFoundException e)
            {
                throw new RefusalException($"{path} does not load ({FirstLine(e)}); run sketchflow doctor, which says what is missing.", e);
            }
        }

        return core;
    }

    private static void CheckBridge()
    {
        if (!File.Exists(BridgePath) || SymbolVersions.SystemLibStdCpp() is not { } system)
        {
            return;
        }

        var missing = SymbolVersions.Missing(BridgePath, system);
        if (missing.Length > 0 && !(Source is not null && TryWeaken(missing)))
        {
            throw new RefusalException(
                $"{BridgePath} needs {string.Join(", ", missing.Select(m => m.Version))}, which {system} lacks; run sketchflow doctor --mend.");
        }
    }

    // A build from source does this when it is built; an installed program was built on another system.
    private static bool TryWeaken(IEnumerable<NeededVersion> missing)
    {
        try
        {
            SymbolVersions.Weaken(BridgePath, missing);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string FirstLine(Exception e) => (e.InnerException ?? e).Message.Split('\n')[0].Trim();
}
