using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>The validation and test tables of the members that can be combined: those that agree on rows and classes.</summary>
/// <param name="Validation">Validation tables of all members.</param>
/// <param name="Test">Test tables of the same members; null if the data set has none.</param>
/// <param name="LeftOut">The other members, each with its reason.</param>
/// <param name="Notes">Differences that were resolved or could not be checked, in whole sentences.</param>
internal sealed record EnsembleInputs(
    RunLogits Validation, RunLogits? Test, ImmutableArray<LeftOutMember> LeftOut, ImmutableArray<string> Notes)
{
    /// <summary>Whether members had other orders of classes, and were reordered.</summary>
    public bool Reordered { get; private init; }

    /// <summary>
    /// Reads the tables of a data set. A member is left out if a table is damaged or missing, if its two tables are not of the same weights, preprocessing
    /// and test-time augmentation, or if its rows or classes are not those of the largest group of members.
    /// </summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="filter">Selection of members by name.</param>
    /// <param name="cache">Tables loaded before, and the memory for new ones.</param>
    /// <exception cref="RefusalException">No member is left; the message gives all reasons.</exception>
    public static EnsembleInputs Read(Artifacts artifacts, string dataSet, MemberFilter filter, TableCache cache)
    {
        string[] testFiles = MemberTables.FindFiles(artifacts, dataSet, RunLogits.Test);
        string[] validationFiles = MemberTables.FindFiles(artifacts, dataSet, RunLogits.Validation);
        if (validationFiles.Length == 0)
        {
            throw RunLogits.Missing(artifacts, dataSet, "validation");
        }

        filter.Check([.. validationFiles.Concat(testFiles).Select(MemberTables.MemberOf).Distinct(StringComparer.Ordinal)]);
        var (test, testFaults) = testFiles.Length == 0 ? ([], []) : MemberTables.ReadAll(artifacts, dataSet, RunLogits.Test, filter.Matches, cache);
        var estimates = test.Values.Select(MemberPairing.EstimateOf).ToHashSet(StringComparer.Ordinal);
        var (validation, faults) = MemberTables.ReadAll(
            artifacts, dataSet, RunLogits.Validation, member => filter.Matches(member) || estimates.Contains(member), cache);
        var leftOut = testFaults.Concat(faults.Where(f => filter.Matches(f.Name))).DistinctBy(f => f.Name, StringComparer.Ordinal).ToList();
        var pairing = new MemberPairing(validation, test, faults, testFiles.Length > 0);
        var candidates = new List<MemberPair>();
        foreach (var name in test.Keys.Union(validation.Keys, StringComparer.Ordinal).Where(filter.Matches)
            .Except(leftOut.Select(f => f.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            try
            {
                var pair = pairing.Pair(name);
                candidates.Add(pair.Validation.Table.Targets.Contains(null)
                    ? throw new RefusalException("its validation table has rows without a label, expected a label in every row")
                    : pair);
            }
            catch (RefusalException e)
            {
                leftOut.Add(new LeftOutMember(name, e.Message));
            }
        }

        MemberPairing.ReplaceRefitted(candidates, leftOut);
        var members = MemberGroups.ChooseLargest(candidates, leftOut, cache);
        return members.Count > 0
            ? Create(members, leftOut, cache)
            : throw NothingLeft(dataSet, leftOut);
    }

    /// <summary>Reads the tables of a split with labels alone, and leaves out members whose rows are not those of the largest group.</summary>
    /// <exception cref="RefusalException">No member is left; the message gives all reasons.</exception>
    public static EnsembleInputs ReadSplit(Artifacts artifacts, string dataSet, string split, TableCache cache)
    {
        var (members, faults) = MemberTables.ReadAll(artifacts, dataSet, split, _ => true, cache);
        var refits = members.Where(m => m.Value.Table.Metadata.EstimatedBy is not null).ToList();
        var leftOut = faults.Concat(refits.Select(m => new LeftOutMember(m.Key, "it is a refit, which learnt from every row"))).ToList();
        var chosen = MemberGroups.ChooseLargest([.. members.Except(refits).Select(m => new MemberPair(m.Key, m.Value, null))], leftOut, cache);
        return chosen.Count > 0 ? Create(chosen, leftOut, cache)
            : leftOut.Count > 0 ? throw NothingLeft(dataSet, leftOut)
            : throw RunLogits.Missing(artifacts, dataSet, split);
    }

    /// <summary>
    /// Leaves out members that are no better than chance and worse than the best member: their accuracy is not significantly above 1/classes (one-sided
    /// binomial test), and McNemar's test finds the best member better. Both at the level of 5 %, so that few rows drop no one.
    /// </summary>
    public EnsembleInputs WithoutChance()
    {
        var set = Validation.Set;
        if (set.Members.Length == 1 || set.Classes == 1)
        {
            return this;
        }

        var targets = set.RequireTargets();
        int[][] predictions = [.. set.Members.Select(m => ClassificationMetrics.Evaluate(m.Logits.Span, set.Classes, targets).Predictions)];
        int[] right = [.. predictions.Select(p => p.Zip(targets).Count(r => r.First == r.Second))];
        var best = Array.IndexOf(right, right.Max());
        LeftOutMember[] dropped =
        [
            .. Enumerable.Range(0, right.Length)
                .Where(m => m != best && BinomialTest.UpperTail(right[m], targets.Length, 1.0 / set.Classes) > 0.05
                    && ModelComparison.McNemarTest(predictions[best], predictions[m], targets).P < 0.05)
                .Select(m => new LeftOutMember(
                    Validation.Runs[m],
                    $"its accuracy of {100.0 * right[m] / targets.Length:0.0} % is not significantly above chance ({100.0 / set.Classes:0.0} %)")),
        ];
        string[] kept = [.. Validation.Runs.Except(dropped.Select(d => d.Name), StringComparer.Ordinal)];
        return dropped.Length == 0 ? this : this with
        {
            Validation = Validation.WithMembers(kept),
            Test = Test?.WithMembers(kept),
            LeftOut = [.. LeftOut, .. dropped],
        };
    }

    private static RefusalException NothingLeft(string dataSet, List<LeftOutMember> leftOut) =>
        new($"No run of {dataSet} can be used: {string.Join("; ", leftOut.Select(m => $"{m.Name}: {m.Reason.TrimEnd('.')}"))}.");

    private static EnsembleInputs Create(List<MemberPair> members, List<LeftOutMember> leftOut, TableCache cache)
    {
        var notes = new List<string>();
        // The class numbers of a submission are those of the data set as it was predicted last.
        var newest = members.MaxBy(m => m.Written)!;
        var classes = (newest.Test ?? newest.Validation).Table.Metadata.ClassNames;
        string[] reordered = [.. members.Where(m => m.HasOtherClassOrder(classes)).Select(m => m.Name)];
        if (reordered.Length > 0)
        {
            notes.Add($"{string.Join(", ", reordered)}: the classes are in another order than in {newest.Name}, and were matched by name.");
        }

        var ordered = members.ConvertAll(m => m.WithClassOrder(classes, newest.Name, cache.Arena));
        notes.AddRange(Unchecked(members));
        var test = members.All(m => m.Test is not null) ? RunLogits.Join(ordered.ConvertAll(m => m.Test!), cache.Arena) : null;
        return new EnsembleInputs(
            RunLogits.Join(ordered.ConvertAll(m => m.Validation), cache.Arena), test,
            [.. leftOut.OrderBy(m => m.Name, StringComparer.Ordinal)], [.. notes])
        {
            Reordered = reordered.Length > 0,
        };
    }

    /// <summary>States what could not be checked, because tables of older versions or other tools do not hold it.</summary>
    private static IEnumerable<string> Unchecked(List<MemberPair> members)
    {
        string[] weights =
        [
            .. members.Where(m => m.Test is { } t && m.Validation.Table.Metadata.EstimatedBy is null
                && (m.Validation.Table.Metadata.CheckpointSha256 is null || t.Table.Metadata.CheckpointSha256 is null)).Select(m => m.Name),
        ];
        if (weights.Length > 0)
        {
            yield return $"{string.Join(", ", weights)}: no checkpoint in the tables, so it could not be checked that validation and test are of the same "
                + "weights.";
        }

        string?[] data = [.. members.SelectMany(m => m.Fingerprints).Distinct(StringComparer.Ordinal)];
        if (data.Contains(null))
        {
            yield return $"{string.Join(", ", members.Where(m => m.Fingerprints.Contains(null)).Select(m => m.Name))}: no fingerprint of the data set in the "
                + "tables; rows and classes were compared by id, path and name only.";
        }
        else if (data.Length > 1)
        {
            yield return "The data set changed between the predictions; rows and classes of all members agree.";
        }
    }
}
