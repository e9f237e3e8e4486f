using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Cli.Terminal;
using Spectre.Console;

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

        output.WriteLine(PrintableText.Line(image.Name));
        var table = TerminalTable.New().Number("probability").Text("class").Number("number");
        foreach (var c in image.Top)
        {
            table.AddRow(c.Probability.ToString("0.00 %", CultureInfo.InvariantCulture), Markup.Escape(c.Class.Name), $"{c.Index}");
        }

        table.Print(TerminalWriter.CreateConsole(output, Console.IsOutputRedirected), Console.IsOutputRedirected);
    }
}
