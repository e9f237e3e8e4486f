using System.CommandLine;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Cli.Verbs.Models;

/// <summary>The verb <c>models check</c>: loads a weights file into an architecture.</summary>
[Verb(
    "models check",
    "Load a weights file into an architecture, report what fits, and show the memory used.",
    Order = 40,
    Examples = ["sketchflow models check resnet18 weights.safetensors"])]
public sealed class ModelsCheckVerb : Verb
{
    private readonly Argument<string> _name = new("name") { Description = "An architecture, by timm's name." };

    private readonly Argument<string> _file = new("file")
    {
        Description = "Weights: safetensors, a sharded index, a PyTorch checkpoint, or a folder that contains one.",
    };

    private readonly Option<int> _classes = new("--classes")
    {
        Description = "Number of classes; if it differs from the file's, the classifier is re-initialised.",
        DefaultValueFactory = _ => 1000,
    };

    private readonly Option<int?> _size = new("--size") { Description = "Side of the input in pixels; default: the architecture's." };

    private readonly Option<bool> _loose = new("--loose")
    {
        Description = "Load what fits, and list tensors that are missing, unexpected or of another shape.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_name, _file, _classes, _size, _loose, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        LibTorch.Load();
        var architecture = Zoo.Build(parsed.GetValue(_name)!, new() { Classes = parsed.GetValue(_classes), InputSize = parsed.GetValue(_size) });
        GC.Collect();
        ProcessMemory.ResetPeak();
        var before = ProcessMemory.ResidentBytes;
        var (model, report) = FlatModel.Load(
            architecture, parsed.GetValue(_file)!, 1, ComputeDevice.Cpu, channelsLast: true, learns: false, strict: !parsed.GetValue(_loose));
        var peak = ProcessMemory.PeakBytes;
        using (model)
        {
            var bytes = 4 * architecture.Tensors.Sum(t => t.Count);
            Log($"{parsed.GetValue(_file)} fits {architecture.Name}: {report}");
            Log($"{bytes / 1e6:0.0} MB of weights; resident memory grew by at most {(peak - before) / 1e6:0.0} MB");
            CommonOptions.PrintJson(parsed, new
            {
                model = architecture.Name,
                report = report.ToString(),
                weight_bytes = bytes,
                base_rss_bytes = before,
                peak_rss_bytes = peak,
            });
        }

        return ExitCode.Done;
    }
}
