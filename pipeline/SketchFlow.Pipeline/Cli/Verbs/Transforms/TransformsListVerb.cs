using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs.Transforms;

/// <summary>The verb <c>transforms list</c>.</summary>
[Verb(
    "transforms list",
    "List the transforms: options, defaults, ranges.",
    Order = 10,
    Examples = ["sketchflow transforms list", "sketchflow transforms list blur"])]
public sealed class TransformsListVerb : Verb
{
    private readonly Argument<string> _filter = new("filter") { Description = "Part of a name, or a pattern with *.", DefaultValueFactory = _ => "*" };

    private readonly Option<bool> _markdown = new("--markdown") { Description = "Print a Markdown table, as in docs/transforms.md." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_filter, _markdown, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var pattern = parsed.GetValue(_filter)!;
        var pages = TransformCatalogue.All().Where(p => CommonOptions.Matches(pattern, p.Name)).ToList();
        if (pages.Count == 0)
        {
            throw new RefusalException(
                $"No transform matches {pattern}{Spelling.DidYouMean(pattern, Transform.Known.Keys)}; "
                + $"the transforms are {string.Join(", ", Transform.Known.Keys)}.");
        }

        if (parsed.GetValue(_markdown))
        {
            Console.Write(TransformCatalogue.Markdown(pages));
            return ExitCode.Done;
        }

        if (parsed.GetResult(_filter) is { Implicit: false })
        {
            PrintOptions(pages);
        }
        else
        {
            PrintOverview(pages);
        }

        CommonOptions.PrintJson(parsed, pages);
        return ExitCode.Done;
    }

    private static void PrintOverview(IReadOnlyList<TransformDescription> pages)
    {
        var table = new TerminalTable().Text("transform").Text("meaning");
        foreach (var page in pages)
        {
            table.Row(page.Name, page.Meaning);
        }

        table.Print();
        Log("Options of a transform: sketchflow transforms list NAME");
    }

    private static void PrintOptions(IReadOnlyList<TransformDescription> pages)
    {
        foreach (var page in pages)
        {
            Log($"{page.Name}: {page.Meaning} Default of p: {page.Options[^1].Default}.");
            if (page.Options.Length > 1)
            {
                var table = new TerminalTable().Text("  option").Text("default").Text("range", rank: 1).Text("meaning");
                foreach (var option in page.Options.SkipLast(1))
                {
                    table.Row($"  {option.Name}", TransformCatalogue.DescribeDefault(option), TransformCatalogue.DescribeRange(option), option.Meaning);
                }

                table.Print();
            }

            Log("");
        }

        Log("Every transform also has the option p, 0 to 1: the probability that it is applied to an image.");
    }
}
