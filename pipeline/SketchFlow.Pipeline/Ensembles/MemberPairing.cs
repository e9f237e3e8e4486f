using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs.Logits;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Pairs the validation table of each member with its test table, and checks that both are of the same weights and preparation.</summary>
/// <remarks>A refit has no validation table; its test table is paired with the validation table of the run that estimates it.</remarks>
/// <param name="validation">Validation tables by member.</param>
/// <param name="test">Test tables by member.</param>
/// <param name="faults">Members whose validation table cannot be used.</param>
/// <param name="hasTest">Whether the data set has test tables.</param>
internal sealed class MemberPairing(
    Dictionary<string, MemberTable> validation, Dictionary<string, MemberTable> test, ImmutableArray<LeftOutMember> faults, bool hasTest)
{
    // Tables of other tools state the file that they were imported from in place of the preprocessing.
    private const string Imported = "imported from ";

    /// <summary>Returns the member whose validation table estimates a test table: the member itself, or the run that a refit was made from.</summary>
    public static string EstimateOf(MemberTable test) => test.Table.Metadata is { EstimatedBy: { } run } metadata
        ? (metadata with { Run = run }).Member
        : test.Table.Metadata.Member;

    /// <summary>Pairs the tables of a member.</summary>
    /// <exception cref="RefusalException">A table is missing, or the two do not belong together; the message is the reason.</exception>
    public MemberPair Pair(string name)
    {
        if (test.GetValueOrDefault(name) is not { } predicted)
        {
            return hasTest ? throw new RefusalException($"it has no test table; run sketchflow predict --run {name}")
                : validation[name].Table.Metadata.EstimatedBy is null ? new MemberPair(name, validation[name], null)
                : throw new RefusalException("it learnt from the validation rows, and it has no test table");
        }

        var estimate = EstimateOf(predicted);
        var found = validation.GetValueOrDefault(estimate);
        if (estimate != name)
        {
            var reason = found is null ? faults.FirstOrDefault(f => f.Name == estimate)?.Reason ?? "which has no validation table" : null;
            return found is null
                ? throw new RefusalException($"it is a refit that is estimated by {estimate}: {reason}; run sketchflow predict --run {estimate}")
                : Checked(new MemberPair(name, found.AsEstimateOf(predicted.Table.Metadata.Run, estimate), predicted));
        }

        return found is null or { Table.Metadata.EstimatedBy: not null }
            ? throw new RefusalException($"it has no validation table; run sketchflow predict --run {name}")
            : Checked(new MemberPair(name, found, predicted));
    }

    /// <summary>Leaves out runs that were refitted: the refit has the same validation table, and would count twice.</summary>
    public static void ReplaceRefitted(List<MemberPair> candidates, List<LeftOutMember> leftOut)
    {
        foreach (var refit in candidates.Where(c => c.Validation.Table.Metadata.EstimatedBy is not null).ToList())
        {
            var estimate = refit.Validation.Table.Metadata.EstimatedBy!;
            if (candidates.RemoveAll(c => c.Name == estimate) > 0)
            {
                leftOut.Add(new LeftOutMember(estimate, $"its refit {refit.Name} is used instead; give --exclude {refit.Name} to use the run itself"));
            }
        }
    }

    /// <summary>Checks that both tables of a member are predictions of the same weights, prepared in the same way.</summary>
    private static MemberPair Checked(MemberPair pair)
    {
        var (v, t) = (pair.Validation.Table.Metadata, pair.Test!.Table.Metadata);
        // The weights of a refit are others than those that were validated.
        if (v.EstimatedBy is null && v.CheckpointSha256 is { } own && t.CheckpointSha256 is { } other && own != other)
        {
            throw new RefusalException(
                $"its validation and test tables are of other weights (SHA-256 {own[..8]}… and {other[..8]}…); run sketchflow predict --run {t.Run}");
        }

        var prepared = v.Preprocessing == t.Preprocessing || v.Preprocessing.StartsWith(Imported, StringComparison.Ordinal)
            || t.Preprocessing.StartsWith(Imported, StringComparison.Ordinal);
        if (!prepared || v.Tta != t.Tta)
        {
            throw new RefusalException(
                $"its validation and test images were prepared in different ways ({v.Preprocessing}, test-time augmentation {v.Tta}; "
                + $"{t.Preprocessing}, test-time augmentation {t.Tta}); run sketchflow predict --run {t.Run}");
        }

        if (v.Engine != t.Engine)
        {
            throw new RefusalException(
                $"its validation table was computed by {v.Engine ?? "libtorch"} and its test table by {t.Engine ?? "libtorch"}; "
                + $"run sketchflow predict --run {t.Run} with one engine");
        }

        var ids = pair.Test.Table.Ids;
        return ids[0] == 0 && ids[^1] == ids.Length - 1 ? pair : throw new RefusalException(
            $"its test table has {ids.Length} rows from id {ids[0]} to {ids[^1]}, expected every id from 0 on; predict the whole test split");
    }
}
