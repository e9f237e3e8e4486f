using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SketchFlow.Tests;

/// <summary>The words of pages and of <c>--help</c> are those of Hunspell's British dictionary and of docs/spelling.txt.</summary>
/// <remarks><c>build/test.sh</c> installs Debian's hunspell and hunspell-en-gb where it may.</remarks>
public partial class SpellingTests
{
    private static readonly string[] Pages =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md"),
        Path.Combine(Repository.Root, "artifacts", "README.md"),
        .. ((string[])["docs", "stages", "pipeline", "tests", "examples"]).Select(folder => Path.Combine(Repository.Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)),
    ];

    private static string Words => Path.Combine(Repository.Root, "docs", "spelling.txt");

    [Fact]
    public void Words_of_pages_are_spelled_as_in_the_dictionary()
    {
        var text = Pages.Where(page => Path.GetFileName(page) is not "THIRD-PARTY-NOTICES.md")
            .Select(page => (page, Text: Link().Replace(Inline().Replace(Fenced().Replace(File.ReadAllText(page), " "), " "), "] ")));
        Assert.Empty(text.SelectMany(t => Misspelled(t.Text).Select(word => $"{Path.GetRelativePath(Repository.Root, t.page)}: {word}")));
    }

    [Fact]
    public void Words_of_help_texts_are_spelled_as_in_the_dictionary()
    {
        var files = Directory.GetFiles(Path.Combine(ApprovedText.Folder, "help"), "*.txt");
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(file =>
            Misspelled(Code().Replace(Example().Replace(File.ReadAllText(file), " "), " ")).Select(word => $"{Path.GetFileName(file)}: {word}")));
    }

    [Fact]
    public void The_checker_finds_a_misspelled_word_and_knows_our_terms() =>
        Assert.Equal(["accuraccy"], Misspelled("The validation accuraccy of a ConvNeXt, per epoch."));

    [Fact]
    public void The_word_list_is_sorted_and_has_no_word_of_the_dictionary()
    {
        var words = File.ReadAllLines(Words);
        Assert.Equal(words.Order(StringComparer.OrdinalIgnoreCase).ThenBy(w => w, StringComparer.Ordinal), words);
        Assert.Equal(words.Order(StringComparer.Ordinal), Misspelled(string.Join('\n', words), words: null).Distinct().Order(StringComparer.Ordinal));
    }

    private static string[] Misspelled(string text) => Misspelled(text, Words);

    private static string[] Misspelled(string text, string? words)
    {
        var start = new ProcessStartInfo("hunspell", ["-l", "-d", "en_GB", "-i", "UTF-8", .. words is null ? Array.Empty<string>() : ["-p", words]])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        // Names with digits, such as ResNet-50, and possessives are checked by their words.
        process.StandardInput.Write(string.Join('\n', Word().Matches(text).Select(m => m.Value.Replace("'s", "", StringComparison.Ordinal))) + "\n");
        process.StandardInput.Close();
        var found = output.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return [.. found.Distinct(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"`[^`]*`|https?://\S+|<[^>\s]+>")]
    private static partial Regex Inline();

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex Link();

    // Options, quoted values, placeholders, and names with dots, slashes, digits or underscores.
    [GeneratedRegex(@"--?[a-z][\w-]*|'[^'\n]*'|<[^>]*>|\[default: [^\]]*\]|\S*[_/=.0-9]\S*\w")]
    private static partial Regex Code();

    [GeneratedRegex("^  sketchflow .*$", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"(?<![\p{L}\d_])\p{L}[\p{L}']*\p{L}(?![\p{L}\d_])")]
    private static partial Regex Word();
}
