using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs.Transforms;

/// <summary>The verb <c>transforms verify</c>: compares single operations with the output of other libraries.</summary>
[Verb(
    "transforms verify",
    "Verify single operations against images that other libraries wrote.",
    Order = 40,
    Examples = ["sketchflow transforms verify cases.json"])]
public sealed class TransformsVerifyVerb : Verb
{
    private readonly Argument<string> _cases = new("cases") { Description = "JSON list of cases, with its images in the same folder." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_cases, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var rows = OperationParity.Run(parsed.GetValue(_cases)!);
        var table = new TerminalTable().Text("case").Text("operation").Number("mean difference").Number("worst").Number("identical", rank: 2)
            .Number("allowed", rank: 1).Text("");
        foreach (var row in rows)
        {
            table.Row(
                row.Case, row.Operation, $"{row.Mean:0.0000}", $"{row.Worst}", Percent.Text(row.Identical), $"{row.Allowed:0.0}",
                row.Passes ? "ok" : row.Size ? "TOO FAR" : "WRONG SIZE");
        }

        table.Print();
        var (identical, failed) = (rows.Count(r => r.Worst == 0), rows.Count(r => !r.Passes));
        Log($"{rows.Length} cases, {identical} identical, {failed} outside the tolerance");
        CommonOptions.PrintJson(parsed, new { cases = rows.Length, identical, failed, rows });
        return failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
