namespace SketchFlow.Scoring.Projection;

/// <summary>Gradient descent with momentum and a gain for each coordinate (Jacobs, Neural Networks 1, 1988), as in van der Maaten's t-SNE.</summary>
/// <param name="size">Number of coordinates.</param>
internal sealed class Descent(int size)
{
    private readonly double[] _gains = [.. Enumerable.Repeat(1.0, size)];
    private readonly double[] _speeds = new double[size];

    /// <summary>Moves the coordinates by one step.</summary>
    /// <param name="values">Coordinates, which are changed.</param>
    /// <param name="gradient">Gradient of the loss.</param>
    /// <param name="rate">Length of a step.</param>
    /// <param name="momentum">Share of the last step that is kept.</param>
    public void Step(double[] values, double[] gradient, double rate, double momentum)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _gains[i] = gradient[i] * _speeds[i] < 0 ? _gains[i] + 0.2 : Math.Max(0.01, _gains[i] * 0.8);
            _speeds[i] = (momentum * _speeds[i]) - (rate * _gains[i] * gradient[i]);
            values[i] += _speeds[i];
        }
    }
}
