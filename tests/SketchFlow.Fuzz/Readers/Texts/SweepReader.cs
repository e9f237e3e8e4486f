using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Experiments.Sweeps;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Sweep files.</summary>
public sealed class SweepReader() : FileReader("sweep", new YamlParts(), "s.yaml")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["yaml/s_*.yaml", "yaml/cyc.yaml", "yaml/laughs.yaml"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        """
        method: bayes
        metric: { name: val_loss, goal: minimize }
        run_cap: 20
        early_terminate: { type: hyperband, min_iter: 2, eta: 3 }
        parameters:
          optimizer.learning_rate: { distribution: log_uniform_values, min: 0.0001, max: 0.01 }
          batch_size: { values: [8, 16, 32] }
          epochs: { distribution: int_uniform, min: 1, max: 5 }
          model: { value: resnet18 }

        """u8.ToArray(),
        "method: grid\nmetric:\n  name: val_accuracy\n  goal: maximize\n  target: 0.9\nparameters:\n  image_size:\n    values: [64, 96]\n"u8.ToArray(),
        "method: random\nmetric: { name: val_loss }\nparameters: { loss.smoothing: { distribution: q_uniform, min: 0, max: 0.3, q: 0.1 } }\n"u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        SweepFile.Read(path);
        return null;
    }
}
