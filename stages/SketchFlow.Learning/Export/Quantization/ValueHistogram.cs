using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Export.Quantization;

/// <summary>Counts the numbers of one value over many batches, and finds the range in which 8 bits lose least.</summary>
/// <remarks>The bins span -reach to reach; when a number is outside, the reach doubles and pairs of bins are joined, so that one pass is enough.</remarks>
internal sealed class ValueHistogram
{
    private const int Bins = 4096;

    // A range that cuts off more than nine tenths was never the best in trials; the steps are fine enough for two digits of the error.
    private const int Candidates = 24;
    private const double SmallestShare = 0.1;

    private double[] _counts = new double[Bins];
    private double _reach;
    private double _low;
    private double _high;

    /// <summary>Counts the numbers of a tensor.</summary>
    /// <exception cref="RefusalException">One of them is not finite.</exception>
    public void Add(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = tensor.to(torch.ScalarType.Float32).cpu().flatten();
        var (low, high) = (numbers.min().AsDouble(), numbers.max().AsDouble());
        if (!double.IsFinite(low) || !double.IsFinite(high))
        {
            throw new RefusalException("A value inside the network is not finite for an image of the calibration; it cannot be stored in 8 bits.");
        }

        (_low, _high) = (Math.Min(_low, low), Math.Max(_high, high));
        Reach(Math.Max(-low, high));
        var counts = (numbers / Keep(_reach)).histc(Bins, -1, 1).data<float>().ToArray();
        for (var bin = 0; bin < Bins; bin++)
        {
            _counts[bin] += counts[bin];
        }
    }

    /// <summary>Returns the range with the smallest squared error of the counted numbers.</summary>
    public ValueRange FindRange()
    {
        var best = (Range: new ValueRange((float)_low, (float)_high), Error: double.PositiveInfinity);
        foreach (var low in Shares(_low))
        {
            foreach (var high in Shares(_high))
            {
                var range = new ValueRange((float)low, (float)high);
                if (high > low && Error(range) is var error && error < best.Error)
                {
                    best = (range, error);
                }
            }
        }

        return best.Range;
    }

    private static IEnumerable<double> Shares(double end) => end == 0
        ? [0]
        : Enumerable.Range(0, Candidates).Select(i => end * (1 - (i * (1 - SmallestShare) / Candidates)));

    private double Error(ValueRange range)
    {
        var (sum, width) = (0.0, 2 * _reach / Bins);
        for (var bin = 0; bin < Bins; bin++)
        {
            if (_counts[bin] > 0)
            {
                var number = -_reach + ((bin + 0.5) * width);
                var lost = number - range.Round(number);
                sum += _counts[bin] * lost * lost;
            }
        }

        return sum;
    }

    private void Reach(double largest)
    {
        if (_reach == 0)
        {
            _reach = Math.Max(largest, 1e-6);
        }

        while (_reach < largest)
        {
            var joined = new double[Bins];
            for (var bin = 0; bin < Bins; bin++)
            {
                joined[(Bins / 4) + (bin / 2)] += _counts[bin];
            }

            (_counts, _reach) = (joined, 2 * _reach);
        }
    }
}
