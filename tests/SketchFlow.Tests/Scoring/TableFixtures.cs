using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring;

/// <summary>Small logits tables with a signal: the target's logit is raised, so that models are better than chance and differ.</summary>
internal static class TableFixtures
{
    public static LogitsMetadata Metadata(int classes, string run = "run-a") => new()
    {
        Model = "convnext_atto",
        Run = run,
        Fold = 2,
        CheckpointSha256 = new string('a', 64),
        ClassNames = [.. Enumerable.Range(0, classes).Select(c => $"klasse \"{c}\" é鳥")],
        Preprocessing = "letterbox 224 | normalise",
        Tta = "none",
        Seed = -7,
        Dataset = "sketches",
        Split = "val",
        Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567),
    };

    public static LogitsTable Table(int rows, int classes, int seed, string run = "run-a", double skill = 1.5)
    {
        var chance = KeyedRandom.For(seed, 0, 0, run);
        var labels = KeyedRandom.For(seed: 99, 0, 0, "labels");
        var logits = new float[rows * classes];
        var targets = new int?[rows];
        for (var r = 0; r < rows; r++)
        {
            targets[r] = labels.NextInteger(0, classes);
            for (var c = 0; c < classes; c++)
            {
                logits[(r * classes) + c] = (float)(chance.NextNormal() + (c == targets[r] ? skill : 0));
            }
        }

        return new LogitsTable(
            $"{run}.parquet",
            Metadata(classes, run) with { Fold = null },
            [.. Enumerable.Range(0, rows).Select(i => (long)i)],
            [.. Enumerable.Range(0, rows).Select(i => $"val/{i}.png")],
            targets,
            [.. Enumerable.Repeat("ok", rows)],
            logits);
    }

    public static LogitsSet Set(int models, int rows, int classes, int seed, double skill = 1.5) =>
        LogitsSet.Join([.. Enumerable.Range(0, models).Select(m => Table(rows, classes, (seed * 100) + m, $"run-{m:00}", skill))]);

    public static LogitsTable Shuffled(LogitsTable table, int seed)
    {
        var order = Enumerable.Range(0, table.Rows).ToArray();
        var chance = KeyedRandom.For(seed, 0, 0, "shuffle");
        chance.Shuffle<int>(order);
        return table with
        {
            Ids = [.. order.Select(i => table.Ids[i])],
            ImagePaths = [.. order.Select(i => table.ImagePaths[i])],
            Targets = [.. order.Select(i => table.Targets[i])],
            Statuses = [.. order.Select(i => table.Statuses[i])],
            Logits = order.SelectMany(i => table.Row(i).ToArray()).ToArray(),
        };
    }

    public static void Write(string path, LogitsTable table)
    {
        using var writer = new LogitsWriter(path, table.Metadata);
        for (var i = 0; i < table.Rows; i++)
        {
            if (string.Equals(table.Statuses[i], LogitsTable.Ok, StringComparison.Ordinal))
            {
                writer.Append(table.Ids[i], table.ImagePaths[i], table.Targets[i], table.Row(i));
            }
            else
            {
                writer.Append(new Rejected(table.Ids[i], table.ImagePaths[i], table.Statuses[i]), table.Targets[i]);
            }
        }

        writer.Complete();
    }
}
