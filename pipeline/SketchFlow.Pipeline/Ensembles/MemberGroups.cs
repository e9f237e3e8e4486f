using System.Security.Cryptography;
using System.Text;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Groups members by their rows and classes, because only members of the same rows can be combined.</summary>
internal static class MemberGroups
{
    /// <summary>Chooses the largest group of members with the same rows and classes: among equals that with more rows, then the newest.</summary>
    public static List<MemberPair> ChooseLargest(List<MemberPair> candidates, List<LeftOutMember> leftOut, TableCache cache)
    {
        var groups = candidates.GroupBy(RowsKey, StringComparer.Ordinal)
            .OrderByDescending(g => g.Count()).ThenByDescending(g => g.First().Validation.Table.Rows).ThenByDescending(g => g.Max(p => p.Written))
            .ThenBy(g => g.First().Name, StringComparer.Ordinal).Select(g => g.ToList()).ToList();
        if (groups.Count == 0)
        {
            return [];
        }

        var members = groups[0];
        foreach (var other in groups.Skip(1).SelectMany(g => g))
        {
            leftOut.Add(new LeftOutMember(other.Name, $"{Difference(members[0], other, cache)} (the members that fit {members[0].Name} are more or newer)"));
        }

        // Submissions repeat the ids of the newest test table.
        var newest = members.Where(m => m.SubmissionIds.Length > 0).MaxBy(m => m.Written);
        foreach (var other in members.Where(m => m.SubmissionIds.Length > 0 && !m.SubmissionIds.SequenceEqual(newest!.SubmissionIds)).ToList())
        {
            leftOut.Add(new LeftOutMember(
                other.Name, $"its test images have other ids than those of {newest!.Name}; run sketchflow predict --run {other.Name}"));
            members.Remove(other);
        }

        return members;
    }

    private static string Difference(MemberPair chosen, MemberPair other, TableCache cache)
    {
        var (own, others) = (chosen.Validation.Table, other.Validation.Table);
        if (own.Metadata.Dataset == others.Metadata.Dataset && own.Metadata.ClassNames.ToHashSet(StringComparer.Ordinal).SetEquals(others.Metadata.ClassNames)
            && !own.ImagePaths.ToHashSet(StringComparer.Ordinal).SetEquals(others.ImagePaths))
        {
            var shared = own.ImagePaths.Intersect(others.ImagePaths, StringComparer.Ordinal).Count();
            return $"it was validated on other images than {chosen.Name} ({others.Rows:N0} and {own.Rows:N0} images, {shared:N0} of them shared), as after a "
                + "training with another split, seed or number of folds";
        }

        try
        {
            LogitsSet.Join([chosen.Validation.Table, other.Validation.Table], cache.Arena);
            if (chosen.Test is { } a && other.Test is { } b)
            {
                LogitsSet.Join([a.Table, b.Table], cache.Arena);
            }

            return "its rows are other than those of the chosen group";
        }
        catch (RefusalException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private static string RowsKey(MemberPair pair)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(pair.Validation.Table);
        if (pair.Test is { } test)
        {
            Add(test.Table);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(LogitsTable table)
        {
            var names = table.Metadata.ClassNames;
            Append([table.Metadata.Dataset, .. names.Order(StringComparer.Ordinal), ""]);
            for (var row = 0; row < table.Rows; row++)
            {
                Append([$"{table.Ids[row]}", table.ImagePaths[row], table.Targets[row] is { } target ? names[target] : ""]);
            }
        }

        void Append(string[] texts)
        {
            foreach (var text in texts)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(text));
                hash.AppendData([0]);
            }
        }
    }
}
