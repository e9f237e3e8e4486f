using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Prediction;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>Options of the verbs that compute logits.</summary>
internal static class InferenceOptions
{
    public static Option<string[]> Augmentation { get; } = new("--tta")
    {
        HelpName = "views",
        Description = "Test-time augmentation; averages the logits of all views: none, "
            + $"or {string.Join(", ", TestTimeAugmentation.Names)}, separated by commas.",
        DefaultValueFactory = _ => [],
    };

    public static Option<bool> Half { get; } = new("--half") { Description = "Half precision: fp16 on a GPU, bf16 on a CPU." };

    public static Option<string?> BatchSize { get; } = new("--batch-size", "-b", "--batch", "--bs")
    {
        HelpName = "number",
        Description = "Images per batch, or auto for as many as fit into memory; default: the recipe's.",
    };

    /// <summary>Returns the number of images per batch, null for the recipe's, and whether the batch is as large as fits into memory.</summary>
    /// <exception cref="UsageException">The value is neither a number nor auto.</exception>
    public static (int? Size, bool Fits) ReadBatchSize(ParseResult parsed) => parsed.GetValue(BatchSize) switch
    {
        null => (null, false),
        "auto" => (null, true),
        var given when int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 => (size, false),
        var given => throw new UsageException($"--batch-size is {given}{Spelling.DidYouMean(given, ["auto"])}, expected auto or a whole number above 0."),
    };

    /// <summary>Refuses two options that set the precision.</summary>
    /// <exception cref="UsageException">Both were given.</exception>
    public static void CheckPrecision(ParseResult parsed)
    {
        if (parsed.GetValue(Half) && parsed.GetValue(CommonOptions.Amp) is not null)
        {
            throw new UsageException("--half and --amp both set the precision; give only one of them.");
        }
    }
}
