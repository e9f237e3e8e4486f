using Microsoft.ML.OnnxRuntime;

namespace SketchFlow.Onnx.Sessions;

/// <summary>Runs an ONNX model with ONNX Runtime on the CPU. One session serves any number of threads.</summary>
public sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;

    /// <summary>Loads a model.</summary>
    /// <param name="model">Bytes of the model.</param>
    /// <param name="threads">Number of threads of one run; 0 lets ONNX Runtime choose.</param>
    public OnnxSession(byte[] model, int threads = 0)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        _session = new InferenceSession(model, options);
    }

    /// <summary>Names and values that the model carries.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Runs the model on one input of 8-bit integers and returns one output.</summary>
    /// <param name="input">Name of the input.</param>
    /// <param name="elements">Elements of the input, the last dimension first.</param>
    /// <param name="shape">Number of elements along each dimension of the input.</param>
    /// <param name="output">Name of the output, a float32 tensor.</param>
    public float[] Run(string input, byte[] elements, long[] shape, string output)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(elements, shape);
        return Run(input, value, output);
    }

    /// <summary>Runs the model on one float32 input and returns one output.</summary>
    /// <inheritdoc cref="Run(string, byte[], long[], string)"/>
    public float[] Run(string input, float[] elements, long[] shape, string output)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(elements, shape);
        return Run(input, value, output);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private float[] Run(string input, OrtValue value, string output)
    {
        using var options = new RunOptions();
        using var results = _session.Run(options, [input], [value], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
