using SketchFlow.Data.Messages;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs.Classify;

/// <summary>Writes the answer for a single image as a table of its most probable classes.</summary>
/// <param name="output">Receives the lines.</param>
internal sealed class TableWriter(TextWriter output) : IClassificationWriter
{
    /// <inheritdoc/>
    public void Write(ClassifiedImage image)
    {
        if (image.Error is not null)
        {
            return; // Standard error has it.
        }

        var table = new TerminalTable().Number("probability").Text("class").Number("number");
        foreach (var c in image.Top)
        {
            table.Row(Percent.Text(c.Probability), PrintableText.Line(c.Class.Name), $"{c.Index}");
        }

        string[] lines = [PrintableText.Line(image.Name), .. table.Lines(TerminalWidth.Of(Console.IsOutputRedirected))];
        StatusDisplay.Around(() => Array.ForEach(lines, output.WriteLine), endsLine: true);
    }
}
