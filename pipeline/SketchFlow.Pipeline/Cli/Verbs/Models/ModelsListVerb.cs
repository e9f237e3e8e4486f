using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs.Models;

/// <summary>The verb <c>models list</c>.</summary>
[Verb(
    "models list",
    "List architectures: parameters, input size, multiply-adds, known pretrained tags.",
    Order = 10,
    Examples = ["sketchflow models list resnet", "sketchflow models list \"convnext*\""])]
public sealed class ModelsListVerb : Verb
{
    private readonly Argument<string> _filter = new("filter") { Description = "Part of a name, or a pattern with *.", DefaultValueFactory = _ => "*" };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_filter, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var pattern = parsed.GetValue(_filter)!;
        var names = Zoo.Names.Where(name => CommonOptions.Matches(pattern, name)).ToList();
        if (names.Count == 0)
        {
            throw new RefusalException($"No architecture matches {pattern}{Spelling.DidYouMean(pattern.Trim('*'), Zoo.Names)}; "
                + $"sketchflow models list shows all {Zoo.Names.Length}.");
        }

        var models = names.AsParallel().AsOrdered().Select(name => (Model: Zoo.Build(name), Work: ZooWork.Of(name))).ToList();
        var table = new TerminalTable().Text("architecture").Number("M params").Number("px").Number("GMACs", rank: 1).Text("pretrained");
        foreach (var (model, work) in models)
        {
            table.Row(
                model.Name, $"{model.Parameters / 1e6:0.00}", $"{model.InputSize}", $"{work.MultiplyAdds / 1e9:0.00}", DefaultTag(model.Name));
        }

        table.Print();
        if (models.Exists(m => Pretrained.TagsFor(m.Model.Name).Length > 1))
        {
            Log("px: side of the input. +N: more pretrained tags; sketchflow models info NAME lists them.");
        }

        CommonOptions.PrintJson(parsed, models.Select(m => new
        {
            model = m.Model.Name,
            parameters = m.Model.Parameters,
            input_size = m.Model.InputSize,
            macs = m.Work.MultiplyAdds,
            macs_without_attention = m.Work.WithoutAttention,
            pretrained = Pretrained.TagsFor(m.Model.Name).Select(t => t.Tag),
        }));
        return ExitCode.Done;
    }

    /// <summary>Returns timm's default tag and the number of further tags; a dash for a model without weights.</summary>
    private static string DefaultTag(string model)
    {
        var tags = Pretrained.TagsFor(model);
        return tags.IsEmpty ? "-" : $"{(tags[0].Tag.Length > 0 ? tags[0].Tag : "default")}{(tags.Length > 1 ? $" +{tags.Length - 1}" : "")}";
    }
}
