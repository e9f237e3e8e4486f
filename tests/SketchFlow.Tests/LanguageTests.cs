using System.Text.RegularExpressions;

namespace SketchFlow.Tests;

/// <summary>Comments, pages and <c>--help</c> texts are in plain English, as checked by docs/word-list.tsv, and no line is too long.</summary>
public partial class LanguageTests
{
    private const int LongestLine = 160;

    private static readonly (Regex Habit, string Instead)[] WordList =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "docs", "word-list.tsv"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .Select(cells => (new Regex(cells[0], RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), cells[1])),
    ];

    [Fact]
    public void Comments_are_in_plain_English()
    {
        var found = Sources().SelectMany(file => File.ReadLines(file).Select((line, i) => (file, i, Text: CommentOf(line))))
            .Where(line => line.Text is not null)
            .SelectMany(line => Odd(line.file, line.i, line.Text!));
        Assert.Empty(found);
    }

    [Fact]
    public void Pages_are_in_plain_English()
    {
        var found = Pages().SelectMany(file => Prose(File.ReadAllLines(file)).SelectMany(line => Odd(file, line.Number, line.Text)));
        Assert.Empty(found);
    }

    [Fact]
    public void Help_texts_are_in_plain_English()
    {
        var files = Directory.GetFiles(Path.Combine(ApprovedText.Folder, "help"), "*.txt");
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(file => File.ReadLines(file).SelectMany((line, i) => Odd(file, i, Quoted().Replace(line, " ")))));
    }

    [Fact]
    public void Summaries_begin_with_a_verb_or_a_noun()
    {
        var found = Sources().SelectMany(file => File.ReadLines(file).Select((line, i) => (file, i, line)))
            .Where(line => Fragment().IsMatch(line.line))
            .Select(line => $"{Place(line.file, line.i)} {line.line.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void Lines_of_code_end_at_160_characters()
    {
        var found = Sources().SelectMany(file => File.ReadLines(file).Select((line, i) => (file, i, line.Length)))
            .Where(line => line.Length > LongestLine)
            .Select(line => $"{Place(line.file, line.i)} {line.Length} characters");
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("It came to so many images a batch.", 3)]
    [InlineData("A damaged file is named and passed over.", 1)]
    [InlineData("Computes the number of images per batch.", 0)]
    [InlineData("The letter N stands for the number of images.", 0)]
    public void The_word_list_finds_the_habits_and_nothing_else(string sentence, int expected) => Assert.Equal(expected, Odd("file", 0, sentence).Count());

    private static IEnumerable<string> Sources() => ((string[])["stages", "pipeline", "tests", "examples"])
        .Select(folder => Path.Combine(Repository.Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.EndsWith("LanguageTests.cs", StringComparison.Ordinal));

    // CHANGELOG.md quotes names of the past.
    private static IEnumerable<string> Pages() => Directory.EnumerateFiles(Repository.Root, "*.md")
        .Concat(((string[])["docs", "stages", "pipeline", "tests", "examples", ".github"])
            .Select(folder => Path.Combine(Repository.Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)))
        .Where(file => Path.GetFileName(file) is not "CHANGELOG.md" and not "THIRD-PARTY-NOTICES.md");

    private static string Place(string file, int index) => $"{Path.GetRelativePath(Repository.Root, file)}:{index + 1}";

    private static IEnumerable<string> Odd(string file, int index, string text) => WordList
        .SelectMany(entry => entry.Habit.Matches(text).Select(match => $"{Place(file, index)} '{match.Value}': write {entry.Instead}"));

    private static string? CommentOf(string line) => Comment().Match(line) is { Success: true } match ? Code().Replace(match.Groups[1].Value, " ") : null;

    private static IEnumerable<(int Number, string Text)> Prose(string[] lines)
    {
        var fenced = false;
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                fenced = !fenced;
            }
            else if (!fenced)
            {
                yield return (i, Quoted().Replace(lines[i], " "));
            }
        }
    }

    [GeneratedRegex("""(?:^\s*///?|(?<=[;{},)])\s+//)\s?(.*)$""")]
    private static partial Regex Comment();

    [GeneratedRegex("""<c>.*?</c>|<see cref="[^"]*"\s*/>|<paramref name="\w+"\s*/>""")]
    private static partial Regex Code();

    // Code, and names of options and their values.
    [GeneratedRegex("""`[^`]*`|--[a-z-]+|default: '[^']*'""")]
    private static partial Regex Quoted();

    [GeneratedRegex("""^\s*///.*<(?:summary|returns|remarks|param name="\w+"|exception cref="[^"]+")>\s*(?:What|How|Where|Of|Its|As|Which|That|Than) """)]
    private static partial Regex Fragment();
}
