using System.Runtime.InteropServices;
using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>Loads libtorch: the one beside the program, or the one that <c>SKETCHFLOW_LIBTORCH</c> names.</summary>
public static class LibTorch
{
    /// <summary>Environment variable that names a folder with another libtorch, such as a pip PyTorch's <c>torch/lib</c>.</summary>
    public const string EnvironmentVariable = "SKETCHFLOW_LIBTORCH";

    private const string Bridge = "libLibTorchSharp.so";

    // In order of dependence. The CUDA ones are loaded where they are present; nothing refers to them by name,
    // they announce themselves to libtorch_cpu when loaded.
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lock Gate = new();
    private static nint _core;

    /// <summary>The folder that libtorch comes from; null where TorchSharp finds it by its own rules (Windows, macOS, CUDA packages).</summary>
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
                        $"{EnvironmentVariable} is {chosen}, where there is no libtorch_cpu.so; name the folder that "
                        + "python3 -c \"import torch; print(torch.__path__[0] + '/lib')\" prints.");
            }

            var beside = Path.Combine(AppContext.BaseDirectory, "libtorch");
            return File.Exists(Path.Combine(beside, "libtorch_cpu.so")) ? beside : null;
        }
    }

    /// <summary>TorchSharp's native library beside the program.</summary>
    public static string BridgePath => Path.Combine(AppContext.BaseDirectory, Bridge);

    /// <summary>Loads libtorch once for the process. Call it before the first use of TorchSharp.</summary>
    /// <exception cref="RefusalException">A library is missing or does not load; the sentence says how to mend it.</exception>
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
                throw new RefusalException($"libtorch does not load ({FirstLine(e)}); run sketchflow doctor, which says how to mend it.", e);
            }

            _core = core != 0 || NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out core) ? core : -1;
        }
    }

    /// <summary>TorchSharp's version and the folder of libtorch, for people; loads it.</summary>
    /// <exception cref="RefusalException">libtorch does not load.</exception>
    public static string Describe()
    {
        Load();
        return $"TorchSharp {typeof(torch).Assembly.GetName().Version}, {Folder ?? "found by TorchSharp"}, {torch.get_num_threads()} threads";
    }

    /// <summary>Tensors that this process holds at the moment: what must not grow while training.</summary>
    public static long LiveTensors => torch.Tensor.TotalCount;

    /// <summary>The address of a function that libtorch_cpu exports, by its mangled name; 0 where it has none.</summary>
    internal static nint Export(string mangledName)
    {
        Load();
        return _core > 0 && NativeLibrary.TryGetExport(_core, mangledName, out var address) ? address : 0;
    }

    private static nint LoadLinux()
    {
        if (File.Exists(BridgePath) && SymbolVersions.SystemLibStdCpp() is { } system)
        {
            var missing = SymbolVersions.Missing(BridgePath, system);
            if (missing.Length > 0)
            {
                throw new RefusalException(
                    $"{BridgePath} needs {string.Join(", ", missing.Select(m => m.Version))}, which {system} lacks; run sketchflow doctor --mend.");
            }
        }

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

    private static string FirstLine(Exception e) => (e.InnerException ?? e).Message.Split('\n')[0].Trim();
}
