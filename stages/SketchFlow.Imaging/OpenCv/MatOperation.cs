using OpenCvSharp;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>The frame of most operations: rent the output, look at both as Mats, run.</summary>
internal static class MatOperation
{
    /// <summary>Output of the input's size and channels.</summary>
    public static Pixels Run(Pixels input, Action<Mat, Mat> operation) => Run(input, input.Width, input.Height, operation);

    /// <summary>Output of another size.</summary>
    public static Pixels Run(Pixels input, int width, int height, Action<Mat, Mat> operation)
    {
        var output = Pixels.Rent(input.Sample, width, height, input.Channels);
        try
        {
            using var source = MatView.Over(input);
            using var target = MatView.Over(output);
            operation(source.Mat, target.Mat);
            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }
}
