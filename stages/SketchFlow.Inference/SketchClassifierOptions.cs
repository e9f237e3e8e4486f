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
    internal static void Check(SketchClassifierOptions options)
    {
        Require(options.Top, nameof(Top), 1);
        Require(options.Threads, nameof(Threads), 0);
        Require(options.BatchSize, nameof(BatchSize), 1);
        Require(options.Workers, nameof(Workers), 0);
        Require(options.MaxPixels ?? 1, nameof(MaxPixels), 1);
        Require(options.MaxBytes, nameof(MaxBytes), 1);

        void Require(long value, string name, int least)
        {
            if (value < least)
            {
                throw new ArgumentOutOfRangeException(nameof(options), value, $"{name} is {value}, expected at least {least}.");
            }
        }
    }
}
