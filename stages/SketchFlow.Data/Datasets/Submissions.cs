using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Finds the format of a data set's submissions.</summary>
internal static class Submissions
{
    private static readonly ImmutableArray<string> _usual = ["ID", CompetitionLayout.ImagePath, CompetitionLayout.Target];

    /// <summary>Returns the data set with the format of its submissions: that of the sample submission, else that of its tables.</summary>
    public static DataSet AddFormat(DataSet data, DataSetOptions options)
    {
        if (data.Test.IsEmpty)
        {
            return data;
        }

        if (CompetitionFiles.FindSample(data.Root) is not { } sample)
        {
            return data with { Submission = data.Columns is { } columns ? FromTables(data, columns) : null };
        }

        try
        {
            // The order of folders numbers their classes.
            var numbers = data.Layout == DataSetLayout.Folders ? Indexes(data.Classes.Length) : data.Numbers;
            var hasNames = !numbers.SequenceEqual(data.Classes, StringComparer.Ordinal);
            ImmutableArray<(string? Id, string Path)> test = [.. data.Test.Select(s => (s.SubmissionId, s.ImagePath))];
            var format = new SampleSubmission(sample, options.Encoding, new SubmissionRows(data.Classes, numbers, hasNames, test, Commonest(data))).Read();
            return data with { Submission = IsUsual(format, data) ? null : WithoutImages(format, data) };
        }
        catch (RefusalException e)
        {
            return data with { SubmissionFault = e.Message };
        }
    }

    // Tables of other competitions than the usual have submissions of their own columns.
    private static SubmissionFormat FromTables(DataSet data, (string Id, string Label) columns) => WithoutImages(
        new SubmissionFormat
        {
            Source = "the tables",
            Header = [columns.Id, columns.Label == columns.Id ? CompetitionLayout.Target : columns.Label],
            Kind = SubmissionKind.Label,
            Predicted = [1],
            Classes = data.Classes,
            Labels = data.Numbers.IsEmpty ? data.Classes : data.Numbers,
            Fields = [[.. data.Test.Select(s => s.SubmissionId ?? s.ImagePath)]],
            Rows = [.. Enumerable.Range(0, data.Test.Length)],
            Commonest = Commonest(data),
        },
        data);

    // A row whose image is missing is rejected in prediction, too; here it is known before.
    private static SubmissionFormat WithoutImages(SubmissionFormat format, DataSet data) =>
        format with { Rows = [.. format.Rows.Select(r => r >= 0 && data.Test[r].Fault is null ? r : -1)] };

    private static bool IsUsual(SubmissionFormat format, DataSet data) =>
        format is { Kind: SubmissionKind.Label, Separator: ',' } && format.Header.SequenceEqual(_usual, StringComparer.Ordinal)
        && format.Labels.SequenceEqual(Indexes(data.Classes.Length), StringComparer.Ordinal)
        && format.Rows.SequenceEqual(Enumerable.Range(0, data.Test.Length))
        && format.Fields[0].SequenceEqual(data.Test.Select(s => s.SubmissionId ?? s.Id.ToString(CultureInfo.InvariantCulture)), StringComparer.Ordinal)
        && format.Fields[1].SequenceEqual(data.Test.Select(s => s.ImagePath), StringComparer.Ordinal);

    private static ImmutableArray<string> Indexes(int classes) => [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];

    private static int Commonest(DataSet data)
    {
        var counts = new int[data.Classes.Length];
        foreach (var sample in data.Train)
        {
            if (sample.Target is { } target)
            {
                counts[target]++;
            }
        }

        return Array.IndexOf(counts, counts.Max());
    }
}
