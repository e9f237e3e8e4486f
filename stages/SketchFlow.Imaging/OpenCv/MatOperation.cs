using OpenCvSharp;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>Runs an OpenCV operation from one image to another: rents the output and passes both as Mats.</summary>
internal static class MatOperation
{
    /// <summary>Runs an operation whose output has the input's size and channels.</summary>
    public static Pixels Run(Pixels input, Action<Mat, Mat> operation) => Run(input, input.Width, input.Height, operation);

    /// <summary>Runs an operation whose output has another size and the input's channels.</summary>
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
