using System.Text;
using SketchFlow.Data.Messages;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs.Classify;

/// <summary>Writes one line per image: its name, and its most probable classes. Classes that do not fit are left out, or continue on further lines.</summary>
/// <param name="output">Receives the lines.</param>
/// <param name="width">Number of characters per line; null for unlimited, as in a file.</param>
/// <param name="longestName">Number of characters of the longest name; 0 if unknown.</param>
/// <param name="writesAll">Whether classes that do not fit continue on further lines, under the first, because the user gave their number.</param>
internal sealed class LineWriter(TextWriter output, int? width, int longestName, bool writesAll) : IClassificationWriter
{
    // Of a line for the name of the file.
    private const double ShareOfName = 0.45;

    private int _nameWidth = longestName;

    /// <inheritdoc/>
    public void Write(ClassifiedImage image)
    {
        if (image.Error is not null)
        {
            return; // Standard error has it.
        }

        var name = PrintableText.Line(image.Name, 1000);
        // The column is as wide as its names, so that short ones leave room for classes.
        var room = width is { } columns ? Math.Max(12, (int)(columns * ShareOfName)) : int.MaxValue;
        _nameWidth = Math.Clamp(Math.Max(_nameWidth, name.Length), 1, Math.Min(room, 60));
        var line = new StringBuilder((name.Length > room ? $"…{name[^(room - 1)..]}" : name).PadRight(_nameWidth));
        for (var i = 0; i < image.Top.Length; i++)
        {
            var top = image.Top[i];
            // The first of the words of ImageNet's classes.
            var word = top.Class.Synset is null ? top.Class.Name : top.Class.Name.Split(',')[0];
            var text = $"  {PrintableText.Line(word)} {Percent.Text(top.Probability)}";
            if (i > 0 && TerminalWidth.Of(line.ToString()) + TerminalWidth.Of(text) > width)
            {
                if (!writesAll)
                {
                    break;
                }

                output.WriteLine(line.ToString());
                line.Clear().Append(' ', _nameWidth);
            }

            line.Append(text);
        }

        output.WriteLine(line.ToString());
    }
}
