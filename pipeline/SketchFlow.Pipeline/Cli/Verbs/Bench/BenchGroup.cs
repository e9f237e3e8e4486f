namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>The verbs <c>bench …</c>: measurements, printed as ratios where a rate depends on the machine.</summary>
[Verb(
    "bench",
    "Benchmark the loader, training, inference, ensemble search, all architectures, and the parts of a training step.",
    Order = 170,
    Examples = ["sketchflow bench loader --data my-data"])]
public sealed class BenchGroup : VerbGroup;
