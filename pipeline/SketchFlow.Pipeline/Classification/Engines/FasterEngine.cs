using System.Globalization;
using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Classification.Engines;

/// <summary>Opens the faster of two engines for the same networks. Both are opened only where their rates are not known yet.</summary>
/// <param name="torch">Opens libtorch.</param>
/// <param name="onnx">Opens ONNX Runtime.</param>
internal sealed class FasterEngine(Func<IClassificationEngine> torch, Func<IClassificationEngine> onnx)
{
    /// <summary>Opens the faster engine by the rates in a file; without them, measures both engines and writes the file.</summary>
    /// <param name="file">The file of the rates. If it cannot be written, the next call measures again.</param>
    /// <param name="batch">Number of images per batch.</param>
    /// <param name="log">Receives human-readable lines.</param>
    public IClassificationEngine Open(string file, int batch, Action<string> log)
    {
        if (EngineRates.Read(file) is { } kept)
        {
            log(Describe(kept, batch, $"measured before, {file}"));
            return kept.PrefersOnnx ? onnx() : torch();
        }

        IClassificationEngine? first = null;
        IClassificationEngine? second = null;
        IClassificationEngine? chosen = null;
        try
        {
            first = torch();
            second = onnx();
            var rates = EngineRates.Measure(first, second, batch);
            log(Describe(rates, batch, $"measured now, {(Keep(rates, file) is { } reason ? $"not kept: {reason}" : file)}"));
            return chosen = rates.PrefersOnnx ? second : first;
        }
        finally
        {
            foreach (var other in new[] { first, second }.Where(engine => engine != chosen))
            {
                other?.Dispose();
            }
        }
    }

    // A server whose folder cannot be written needs an engine nevertheless.
    private static string? Keep(EngineRates rates, string file)
    {
        try
        {
            rates.Write(file);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (SystemErrors.Describe(e) ?? e.Message).TrimEnd('.');
        }
    }

    private static string Describe(EngineRates rates, int batch, string source) => string.Create(
        CultureInfo.InvariantCulture,
        $"engine: {(rates.PrefersOnnx ? "ONNX Runtime" : "libtorch")}; images/s with batches of {batch}: {rates.Onnx:0.0} with ONNX Runtime, "
        + $"{rates.Torch:0.0} with libtorch ({source})");
}
