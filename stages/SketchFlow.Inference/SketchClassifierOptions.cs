namespace SketchFlow.Inference;

/// <summary>Settings of a <see cref="SketchClassifier"/>.</summary>
public sealed record SketchClassifierOptions
{
    /// <summary>Number of classes per answer; <see cref="int.MaxValue"/> gives all of them.</summary>
    public int Top { get; init; } = 5;

    /// <summary>Number of threads of one run of the model; 0 is one for each core. All images of a classifier share them.</summary>
    public int Threads { get; init; }

    /// <summary>Number of images per run of the model, where several are classified. Each costs memory for the model's intermediate results.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Number of images that are decoded at the same time, where several are classified; 0 is one for each core.</summary>
    public int Workers { get; init; }

    /// <summary>Largest number of pixels; an image that declares more is rejected before memory is allocated. Null is the limit of the trained model.</summary>
    public long? MaxPixels { get; init; }

    /// <summary>Largest number of bytes of a file or a stream.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    /// <summary>Number of images that are decoded at the same time.</summary>
    internal int WorkerCount => Workers > 0 ? Workers : Environment.ProcessorCount;

    /// <summary>Refuses numbers that are out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    internal void Check()
    {
        Require(Top, 1, nameof(Top));
        Require(Threads, 0, nameof(Threads));
        Require(BatchSize, 1, nameof(BatchSize));
        Require(Workers, 0, nameof(Workers));
        Require(MaxPixels ?? 1, 1, nameof(MaxPixels));
        Require(MaxBytes, 1, nameof(MaxBytes));
    }

    private static void Require(long value, long least, string option) => ArgumentOutOfRangeException.ThrowIfLessThan(value, least, option);
}
