using System.Diagnostics;
using SketchFlow.Inference;
using SketchFlow.Onnx.Sessions;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Speed of a model in 8 bits on this CPU.</summary>
/// <param name="Batch">Number of images per batch.</param>
/// <param name="Float32">Images per second in float32.</param>
/// <param name="Int8">Images per second in 8 bits.</param>
public sealed record SpeedComparison(int Batch, double Float32, double Int8)
{
    private const int Rounds = 5;
    private static readonly TimeSpan _round = TimeSpan.FromMilliseconds(200);

    /// <summary>Measures both models alternately and takes the median of the rounds.</summary>
    /// <param name="float32">The model in float32.</param>
    /// <param name="int8">The model in 8 bits.</param>
    /// <param name="batch">Images.</param>
    /// <param name="layout">The form in which both models take images.</param>
    internal static SpeedComparison Measure(OnnxSession float32, OnnxSession int8, PreparedBatch batch, ImageLayout layout)
    {
        var count = batch.Items.Length;
        OnnxSession[] sessions = [float32, int8];
        var rates = sessions.Select(_ => new List<double>()).ToArray();
        // The first round is for memory and caches.
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (session, own) in sessions.Zip(rates))
            {
                var (runs, start) = (0, Stopwatch.GetTimestamp());
                do
                {
                    _ = ModelImages.Run(session, batch, layout, ExportedModelDescription.Logits);
                    runs++;
                }
                while (Stopwatch.GetElapsedTime(start) < _round);

                own.Add(runs * count / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return new SpeedComparison(count, Median(rates[0]), Median(rates[1]));

        static double Median(List<double> rates) => rates.Skip(1).Order().ElementAt(Rounds / 2);
    }
}
