using System.CommandLine;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Learning.Weights.Hub;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow models pull</c>: pretrained weights into the cache.</summary>
    private static Command PullModels()
    {
        var names = new Argument<string[]>("names")
        {
            Description = "timm's names: model.tag, or a model for its default tag ('sketchflow models info NAME' lists the tags).",
            Arity = ArgumentArity.OneOrMore,
        };
        var verb = new Command("pull",
            "Download pretrained weights into the cache that Python's tools share: resumed, checked, kept once. Environment: HF_ENDPOINT (a mirror), "
            + "HF_TOKEN, HF_HOME or HF_HUB_CACHE (where), HF_HUB_OFFLINE, HTTPS_PROXY.") { names, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var results = new List<object>();
            // All names first: a misspelt second one must not wait behind the first one's gigabytes.
            var tags = parsed.GetValue(names)!.Select(name => Pretrained.Find(name) ?? Unknown(name)).ToList();
            foreach (var tag in tags)
            {
                var file = InitialWeights.Fetch(tag, refresh: true, Log, Progress.Open, interruption.Token);
                Log($"{tag.FullName}: {file.Path}{(file.Downloaded == 0 ? " (was there)" : "")}");
                results.Add(new { name = tag.FullName, repository = file.Repository, file = file.File, path = file.Path, bytes = file.Bytes, downloaded = file.Downloaded });
            }

            CommonOptions.PrintJson(parsed, results);
            return ExitCode.Done;
        });
        return verb;

        static PretrainedTag Unknown(string name)
        {
            var model = Zoo.Build(name.Split('/')[^1].Split('.')[0]).Name; // Refuses unknown architectures, with the near ones.
            return Pretrained.Resolve(model, name.Contains('.', StringComparison.Ordinal) ? name.Split('/')[^1][(model.Length + 1)..] : "default");
        }
    }

    /// <summary><c>sketchflow models check</c>: does a file fit an architecture?</summary>
    private static Command CheckWeights()
    {
        var name = new Argument<string>("name") { Description = "An architecture, by timm's name." };
        var file = new Argument<string>("file") { Description = "Weights: safetensors, a sharded index, a PyTorch checkpoint, or a folder with one." };
        var classes = new Option<int>("--classes") { Description = "Number of classes; another one than the file's draws the classifier afresh.", DefaultValueFactory = _ => 1000 };
        var size = new Option<int?>("--size") { Description = "Side of the input in pixels; by default the architecture's." };
        var loose = new Option<bool>("--loose") { Description = "Take what fits, and name what is missing, unexpected or of another shape." };
        var verb = new Command("check", "Load a file of weights into an architecture and say what fits; shows the memory that it took.") { name, file, classes, size, loose, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            LibTorch.Load();
            var architecture = Zoo.Build(parsed.GetValue(name)!, new() { Classes = parsed.GetValue(classes), InputSize = parsed.GetValue(size) });
            GC.Collect();
            ProcessMemory.ResetPeak();
            var before = ProcessMemory.ResidentBytes;
            var (model, report) = FlatModel.Load(architecture, parsed.GetValue(file)!, 1, ComputeDevice.Cpu, channelsLast: true, learns: false, strict: !parsed.GetValue(loose));
            var peak = ProcessMemory.PeakBytes;
            using (model)
            {
                var bytes = 4 * architecture.Tensors.Sum(t => t.Count);
                Log($"{parsed.GetValue(file)} fits {architecture.Name}: {report}");
                Log($"{bytes / 1e6:0.0} MB of weights; resident memory grew by {(peak - before) / 1e6:0.0} MB at its peak");
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
        });
        return verb;
    }
}
