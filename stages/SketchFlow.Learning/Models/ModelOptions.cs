using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Models;

/// <summary>Options of an architecture, in addition to its name.</summary>
public sealed record ModelOptions
{
    // Smallest input that leaves a pixel after five halvings.
    private const int SmallestInput = 32;

    /// <summary>Number of classes; 0 omits the classifier, and the model then returns the pooled features.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side of the square input in pixels; null is the architecture's default.</summary>
    public int? InputSize { get; init; }

    /// <summary>Drop path rate (stochastic depth) of the last block; the rate grows linearly from 0 at the first block.</summary>
    public double DropPath { get; init; }

    /// <summary>Dropout rate before the classifier.</summary>
    public double Dropout { get; init; }

    /// <summary>Initial value of layer scale in architectures that have it; null is timm's value.</summary>
    public double? LayerScale { get; init; }

    /// <summary>Checks that each option is within its range.</summary>
    /// <param name="model">Name of the architecture, for the message.</param>
    /// <exception cref="RefusalException">An option is out of range.</exception>
    internal void Check(string model)
    {
        Check(model, "classes", Classes, Classes >= 0, "0 or more");
        Check(model, "input size", InputSize, InputSize is null or >= SmallestInput, $"at least {SmallestInput} pixels");
        Check(model, "drop path", DropPath, DropPath is >= 0 and < 1, "in [0, 1)");
        Check(model, "dropout", Dropout, Dropout is >= 0 and < 1, "in [0, 1)");
    }

    /// <summary>Refuses drop path for networks without residual paths, as timm does, instead of ignoring it silently.</summary>
    /// <inheritdoc cref="Check(string)"/>
    internal void CheckNoDropPath(string model) => Check(model, "drop path", DropPath, DropPath == 0, "0, as this architecture has no paths to drop");

    /// <summary>Returns the requested input size, or the default if none was requested, after checking that the architecture supports it.</summary>
    /// <param name="model">Name of the architecture, for the message.</param>
    /// <param name="defaultSize">Side of the architecture's default input in pixels.</param>
    /// <param name="multipleOf">Number of pixels that the side must be a multiple of.</param>
    /// <exception cref="RefusalException">The size is not a multiple.</exception>
    internal int InputSizeOr(string model, int defaultSize, int multipleOf)
    {
        var size = InputSize ?? defaultSize;
        var below = size / multipleOf * multipleOf;
        Check(model, "input size", size, size == below, $"a multiple of {multipleOf} pixels, such as {below} or {below + multipleOf}");
        return size;
    }

    private static void Check(string model, string option, object? found, bool holds, string expected)
    {
        if (!holds)
        {
            throw new RefusalException($"{model} was requested with {option} {found}; it must be {expected}.");
        }
    }
}
