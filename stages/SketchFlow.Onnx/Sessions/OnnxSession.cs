using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Onnx.Graphs;

namespace SketchFlow.Onnx.Sessions;

/// <summary>Runs an ONNX model with ONNX Runtime on the CPU. One session serves any number of threads. ONNX Runtime's telemetry is switched off.</summary>
public sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;

    /// <summary>Loads a model.</summary>
    /// <param name="model">Bytes of the model.</param>
    /// <param name="threads">Number of threads of one run; 0 lets ONNX Runtime choose.</param>
    /// <exception cref="RefusalException">The bytes are no model that ONNX Runtime reads.</exception>
    public OnnxSession(byte[] model, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        _session = Open("The model", options => new InferenceSession(model, options), threads, () => model);
    }

    private OnnxSession(InferenceSession session) => _session = session;

    /// <summary>Names and values that the model carries.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Version of ONNX Runtime, such as <c>1.32.0</c>.</summary>
    public static string RuntimeVersion => OnnxEnvironment.Instance.GetVersionString();

    /// <summary>Loads a file, and the files of weights next to it that it names.</summary>
    /// <param name="file">Path of the model.</param>
    /// <param name="threads">Number of threads of one run; 0 lets ONNX Runtime choose.</param>
    /// <exception cref="RefusalException">The file does not exist, or is no model that ONNX Runtime reads.</exception>
    public static OnnxSession Load(string file, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!File.Exists(file))
        {
            throw new RefusalException(Directory.Exists(file) ? $"{file} is a folder, expected an ONNX file." : $"There is no file {file}.");
        }

        try
        {
            return new OnnxSession(Open(file, options => new InferenceSession(file, options), threads, () => ReadStart(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException($"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Loads a graph through a temporary file, since models above 2 GB cannot be loaded from memory.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="header">Facts besides the graph.</param>
    /// <param name="threads">Number of threads of one run; 0 lets ONNX Runtime choose.</param>
    /// <returns>The session, and the size of the model in bytes.</returns>
    /// <exception cref="RefusalException">ONNX Runtime does not read the graph.</exception>
    /// <exception cref="IOException">The folder of temporary files cannot be written.</exception>
    public static (OnnxSession Session, long Bytes) Load(OnnxGraph graph, OnnxModelHeader header, int threads = 0)
    {
        var folder = DeadTemporaries.CreateFolder("onnx");
        try
        {
            var file = Path.Combine(folder, "model.onnx");
            OnnxModelFile.Write(graph, file, header);
            return (Load(file, threads), Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Returns an input; null if the model has none of this name.</summary>
    public OnnxValue? FindInput(string name) => Describe(_session.InputMetadata, name);

    /// <summary>Returns an output; null if the model has none of this name.</summary>
    public OnnxValue? FindOutput(string name) => Describe(_session.OutputMetadata, name);

    /// <summary>Runs the model on one input of 8-bit integers and returns one output.</summary>
    /// <param name="input">Name of the input.</param>
    /// <param name="elements">Elements of the input, the last dimension first.</param>
    /// <param name="shape">Number of elements along each dimension of the input.</param>
    /// <param name="output">Name of the output, a float32 tensor.</param>
    public float[] Run(string input, byte[] elements, long[] shape, string output) => Run([OnnxTensor.Of(input, elements, shape)], [output])[0];

    /// <summary>Runs the model on one float32 input and returns one output.</summary>
    /// <inheritdoc cref="Run(string, byte[], long[], string)"/>
    public float[] Run(string input, float[] elements, long[] shape, string output) => Run([OnnxTensor.Of(input, elements, shape)], [output])[0];

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">Names of outputs that are float32 tensors.</param>
    /// <returns>Elements of the outputs, in the order of their names.</returns>
    public float[][] Run(IReadOnlyList<OnnxTensor> inputs, IReadOnlyCollection<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var options = new RunOptions();
        var values = inputs.Select(i => i.ToOrtValue()).ToList();
        try
        {
            using var results = _session.Run(options, [.. inputs.Select(i => i.Name)], values, outputs);
            return [.. results.Select(r => r.GetTensorDataAsSpan<float>().ToArray())];
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static InferenceSession Open(string title, Func<SessionOptions, InferenceSession> open, int threads, Func<byte[]> start)
    {
        _ = OnnxEnvironment.Instance;
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            return open(options);
        }
        catch (OnnxRuntimeException e)
        {
            var kind = FileKind.Recognise(start())?.InsteadOf("an ONNX model");
            throw new RefusalException($"{title} is {kind ?? $"damaged, or not an ONNX model that ONNX Runtime {RuntimeVersion} reads"}.", e);
        }
    }

    private static byte[] ReadStart(string file)
    {
        using var stream = File.OpenRead(file);
        var start = new byte[FileKind.BytesNeeded];
        return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    private static OnnxValue? Describe(IReadOnlyDictionary<string, NodeMetadata> values, string name)
    {
        if (!values.TryGetValue(name, out var value) || !value.IsTensor)
        {
            return null;
        }

        OnnxType? element = value.ElementDataType switch
        {
            TensorElementType.Float => OnnxType.Float32,
            TensorElementType.UInt8 => OnnxType.UInt8,
            TensorElementType.Int64 => OnnxType.Int64,
            _ => null,
        };
        return new OnnxValue(element, [.. value.Dimensions]);
    }
}
