using System.CommandLine;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The options of verbs that only read a data set, for the tables of a competition folder.</summary>
internal static class TableOptions
{
    private static readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Encoding of train.csv and test.csv if they are not UTF-8, such as windows-1252 or cp949.",
    };

    private static readonly Option<string?> _imageColumn = new("--image-column")
    {
        HelpName = "name",
        Description = "Column of a competition's tables that names the images; default: found by its name and content.",
    };

    private static readonly Option<string?> _labelColumn = new("--label-column")
    {
        HelpName = "name",
        Description = "Column of a competition's training table that names the classes; default: found by its name and content.",
    };

    /// <summary>The options in the order of help.</summary>
    public static IReadOnlyList<Symbol> All => [_encoding, _imageColumn, _labelColumn];

    /// <summary>Reads the options.</summary>
    public static DataSetOptions Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return new DataSetOptions
        {
            Encoding = parsed.GetValue(_encoding),
            ImageColumn = parsed.GetValue(_imageColumn),
            LabelColumn = parsed.GetValue(_labelColumn),
        };
    }
}
