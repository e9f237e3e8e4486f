using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Scoring.Submissions;

/// <summary>Scores submissions by the answers.</summary>
public static class SubmissionScoring
{
    /// <summary>Scores a submission; rows are joined by id or path, classes are compared by number or name.</summary>
    /// <param name="submission">The submission.</param>
    /// <param name="answers">The true classes.</param>
    /// <param name="against">Another submission for McNemar's test, or null.</param>
    /// <param name="classNames">Class names in the order of their numbers, where one table has numbers and the other names; else null.</param>
    /// <exception cref="RefusalException">A row is missing, superfluous or repeated, or classes cannot be compared.</exception>
    public static SubmissionScore Score(
        LabelTable submission, LabelTable answers, LabelTable? against = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(submission);
        ArgumentNullException.ThrowIfNull(answers);
        string[] known = [.. answers.Names.Concat(classNames ?? []).Distinct(StringComparer.Ordinal)];
        submission = submission.WithFirstLabels(known, answers.Numbers.Length > 0);
        against = against?.WithFirstLabels(known, answers.Numbers.Length > 0);
        var byNumber = answers.Numbers.Length > 0 && submission.Numbers.Length > 0 && against is not { Numbers.Length: 0 };
        var names = classNames ?? NamesOf(answers);
        string[] truth = Labels(answers, byNumber, names);
        string[] predicted = Reordered(submission, answers, Labels(submission, byNumber, names));
        string[]? other = against is null ? null : Reordered(against, answers, Labels(against, byNumber, names));
        var classes = truth.Concat(predicted).Concat(other ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select((label, number) => (label, number)).ToDictionary(c => c.label, c => c.number, StringComparer.Ordinal);
        int[] Numbers(string[] labels) => [.. labels.Select(l => classes[l])];
        var (targets, predictions) = (Numbers(truth), Numbers(predicted));
        // The accuracy needs no probabilities.
        var accuracy = Resampling.Bootstrap(new EnsemblePrediction(classes.Count, [], predictions), targets);
        var recalls = Enumerable.Range(0, truth.Length).GroupBy(i => truth[i], StringComparer.Ordinal)
            .Select(g => (Label: g.Key, Recall: new ClassRecall(Title(g.Key), g.Count(), g.Count(i => predicted[i] == g.Key))))
            .OrderBy(r => r.Recall.Recall).ThenBy(r => r.Label.Length).ThenBy(r => r.Label, StringComparer.Ordinal).Select(r => r.Recall);
        return new SubmissionScore(truth.Length, accuracy, ClassificationMetrics.MacroF1(predictions, targets, classes.Count), [.. recalls])
        {
            MeanAveragePrecision = submission.IsRanked ? MeanAveragePrecision(Reordered(submission, answers, submission.Rankings), truth) : null,
            Against = other is null ? null
                : (ClassificationMetrics.Accuracy(Numbers(other), targets), ModelComparison.McNemarTest(predictions, Numbers(other), targets)),
        };

        string Title(string label) => byNumber && names is not null && int.Parse(label, CultureInfo.InvariantCulture) is var number && number < names.Count
            && names[number].Length > 0 ? $"{label} {names[number]}" : label;
    }

    // A class that is named twice counts at its first place.
    private static (int K, double Score) MeanAveragePrecision(ImmutableArray<string>[] rankings, string[] truth) => (
        rankings.Max(r => r.Length), rankings.Zip(truth, (ranking, label) => ranking.IndexOf(label) is >= 0 and var at ? 1.0 / (at + 1) : 0).Average());

    /// <summary>Returns the names of the class numbers where a table has both; null otherwise.</summary>
    private static string[]? NamesOf(LabelTable table)
    {
        if (table.Numbers.Length == 0 || table.Names.Length == 0 || table.Numbers.Max() > 1_000_000)
        {
            return null;
        }

        var names = Enumerable.Repeat("", table.Numbers.Max() + 1).ToArray();
        for (var i = 0; i < table.Rows; i++)
        {
            var known = names[table.Numbers[i]];
            if (known.Length > 0 && known != table.Names[i])
            {
                throw new RefusalException(
                    $"{table.Source} calls class {table.Numbers[i]} both '{known}' and '{table.Names[i]}', expected one name per number.");
            }

            names[table.Numbers[i]] = table.Names[i];
        }

        return names;
    }

    private static string[] Labels(LabelTable table, bool byNumber, IReadOnlyList<string>? names)
    {
        if (byNumber)
        {
            return [.. table.Numbers.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        }

        if (table.Names.Length > 0)
        {
            var unknown = names is null ? null : table.Names.FirstOrDefault(n => !names.Contains(n, StringComparer.Ordinal));
            return unknown is null ? [.. table.Names] : throw new RefusalException(
                $"{table.Source} has the class '{unknown}', expected one of {string.Join(", ", names!.Where(n => n.Length > 0).Take(6))}….");
        }

        return names is null
            ? throw new RefusalException($"{table.Source} has class numbers and another table has names; give --data with the folder of the data set.")
            : [.. table.Numbers.Select(n => n < names.Count && names[n].Length > 0 ? names[n] : throw new RefusalException(
                $"{table.Source} has the class number {n}, which has no name among the {names.Count} known ones; give --data with its folder."))];
    }

    /// <summary>Arranges values of the rows of one table in the order of another, joined by id, path or file name.</summary>
    private static T[] Reordered<T>(LabelTable table, LabelTable answers, IReadOnlyList<T> values)
    {
        (string Title, ImmutableArray<string> From, ImmutableArray<string> To)[] keys =
        [
            ("id", table.Ids, answers.Ids), ("image_path", table.ImagePaths, answers.ImagePaths),
            ("file name", [.. table.ImagePaths.Select(FileName)], [.. answers.ImagePaths.Select(FileName)]),
        ];
        keys = [.. keys.Where(k => k.From.Length > 0 && k.To.Length > 0)];
        if (keys.Length == 0)
        {
            throw new RefusalException(
                $"{table.Source} identifies images by {(table.Ids.IsEmpty ? "path" : "id")} and {answers.Source} by {(answers.Ids.IsEmpty ? "path" : "id")}, "
                + "expected a column of the same kind in both.");
        }

        var faults = new List<string>();
        foreach (var (title, from, to) in keys)
        {
            var repeated = Repeated(table.Source, from, title) ?? Repeated(answers.Source, to, title);
            if (repeated is not null && title == "id")
            {
                throw new RefusalException(repeated);
            }

            if ((repeated ?? Missing(table, answers, from, to, title)) is { } fault)
            {
                faults.Add(fault);
                continue;
            }

            var at = from.Select((key, row) => (key, row)).ToDictionary(k => k.key, k => k.row, StringComparer.Ordinal);
            for (var i = 0; i < to.Length && title == "id" && !table.ImagePaths.IsEmpty && !answers.ImagePaths.IsEmpty; i++)
            {
                if (FileName(table.ImagePaths[at[to[i]]]) != FileName(answers.ImagePaths[i]))
                {
                    throw new RefusalException(
                        $"{table.Source} and {answers.Source} disagree on the id {to[i]}: it is {table.ImagePaths[at[to[i]]]} in one and "
                        + $"{answers.ImagePaths[i]} in the other; the ids are of other tables.");
                }
            }

            return [.. to.Select(key => values[at[key]])];
        }

        throw new RefusalException(faults[0]);
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string? Repeated(string source, ImmutableArray<string> keys, string title) =>
        keys.GroupBy(k => k, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } repeated
            ? $"{source} has the {title} {repeated.Key} {repeated.Count()} times, expected once."
            : null;

    private static string? Missing(LabelTable table, LabelTable answers, ImmutableArray<string> from, ImmutableArray<string> to, string title)
    {
        string[] missing = [.. to.Except(from, StringComparer.Ordinal)];
        string[] superfluous = [.. from.Except(to, StringComparer.Ordinal)];
        return missing.Length > 0 ? $"{table.Source} lacks {missing.Length} of the {to.Length} images of {answers.Source}, such as the {title} {missing[0]}; "
                + "submit every test image."
            : superfluous.Length > 0 ? $"{answers.Source} lacks {superfluous.Length} of the {from.Length} images of {table.Source}, such as the {title} "
                + $"{superfluous[0]}; score the submission by the answers to all its images."
            : null;
    }
}
