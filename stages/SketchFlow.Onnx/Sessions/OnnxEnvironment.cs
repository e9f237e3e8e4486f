using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace SketchFlow.Onnx.Sessions;

/// <summary>The environment of ONNX Runtime in this process: without telemetry, and silent except for errors.</summary>
/// <remarks>
/// Builds of ONNX Runtime from 1.29 on send names and hashes of models to their maker unless <c>ORT_DISABLE_TELEMETRY</c> is set when the library starts, and
/// keep a database in <c>~/.cache/Microsoft</c>. .NET's own variables are a copy that native code does not see.
/// </remarks>
internal static partial class OnnxEnvironment
{
    private const string Switch = "ORT_DISABLE_TELEMETRY";

    private static readonly Lazy<OrtEnv> _instance = new(Create);

    /// <summary>The environment, created by the first use.</summary>
    public static OrtEnv Instance => _instance.Value;

    private static OrtEnv Create()
    {
        if (!OrtEnv.IsCreated)
        {
            Environment.SetEnvironmentVariable(Switch, "1");
            if (!OperatingSystem.IsWindows())
            {
                _ = setenv(Switch, "1", 1);
            }

            var options = new EnvironmentCreationOptions { logId = "SketchFlow", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            _ = OrtEnv.CreateInstanceWithOptions(ref options);
        }

        // A program may have created the environment itself before.
        var environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setenv(string name, string value, int overwrite);
}
