using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Ensembles;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Ensemble files.</summary>
public sealed class EnsembleReader() : FileReader("ensemble", new YamlParts(), "e.yaml")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["yaml/ens-*.yaml", "yaml/laughs.yaml", "yaml/cyc.yaml"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        var hash = new string('7', 64);
        var file = new EnsembleFile
        {
            Dataset = "sketches",
            Method = "hill climbing",
            Combine = "stacked",
            StackStrength = 1e-5,
            StackForm = "full",
            Aim = "accuracy",
            Classes = ["a", "b"],
            ValAccuracy = 0.5,
            ValLogLoss = double.NaN,
            Members =
            [
                new() { Run = "a", Model = "resnet18", Weight = 0.25, Temperature = 1.1, Validation = { ["sketches/val/a.parquet"] = hash } },
                new() { Run = "b", Model = "resnet34", ClassWeights = [1, 2], EstimatedBy = "a", Test = { ["sketches/test/b.parquet"] = hash } },
            ],
        };
        return [Written(folder, "e.yaml", file.Save), "dataset: x\nmembers:\n- run: a\n"u8.ToArray()];
    }

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        EnsembleFile.Load(path);
        return null;
    }
}
