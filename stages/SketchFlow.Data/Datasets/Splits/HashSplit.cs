using System.Collections.Immutable;

namespace SketchFlow.Data.Datasets.Splits;

/// <summary>A split by a hash of the samples' groups, which depends only on their names.</summary>
/// <remarks>
/// <para>
/// A group's position in [0, 1) is a hash of the split seed and the group's name; a sample without a group is a group of its own, named by its image
/// path. Groups below the fraction are validated on. The result is the same on every machine and for any order and numbering of the rows, and samples
/// that are added do not move the others. The share of each class is the fraction on average, with the binomial distribution's deviation.
/// </para>
/// <para>
/// Two corrections apply, in this order. A class whose groups are all below the fraction keeps the group of the highest position for training, so that
/// every class is learnt, and a class of one group is never validated on. A class without a group below the fraction gives the group of the lowest
/// position to validation, unless every group that it could give is the only training group of a class: without groups each class of two or more
/// samples does; with groups only a class of at least 1 / fraction groups does, of which one is about the fraction, because one of two or three groups
/// would be far more. Where validation would be empty, smaller classes give a group as well. Only in a class that gives a group can an added sample
/// move another one.
/// </para>
/// </remarks>
public static class HashSplit
{
    /// <summary>Splits samples by the hashes of their groups.</summary>
    /// <param name="samples">Samples in any order.</param>
    /// <param name="fraction">Expected share of the samples in the validation part, between 0 and 1.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <param name="groupOf">Returns the name of a sample's group; null for a sample that is a group of its own.</param>
    /// <returns>Both parts, each in the order of the ids.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public static TrainValidationSplit Split(IEnumerable<Sample> samples, double fraction, long seed, Func<Sample, string?>? groupOf = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (!(fraction is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "Expected a fraction between 0 and 1.");
        }

        var groups = HashedGroup.Collect(samples, seed, groupOf);
        var byClass = HashedGroup.IndexByClass(groups);
        bool[] validates = [.. groups.Select(g => g.Position < fraction)];
        foreach (var members in byClass.Values.Where(members => members.TrueForAll(g => validates[g])))
        {
            validates[members[^1]] = false;
        }

        GiveGroups(groupOf is null ? 2 : (int)Math.Ceiling(1 / fraction));
        if (!validates.Contains(true))
        {
            GiveGroups(2);
        }

        void GiveGroups(int fewest)
        {
            foreach (var members in byClass.Values.Where(members => members.Count >= fewest && !members.Exists(g => validates[g])))
            {
                var spare = members.FindIndex(g => groups[g].Classes.All(c => byClass[c].Exists(other => other != g && !validates[other])));
                if (spare >= 0)
                {
                    validates[members[spare]] = true;
                }
            }
        }

        ImmutableArray<Sample> Part(bool validation) => Stratification.OrderById(groups.Where((_, g) => validates[g] == validation).SelectMany(g => g.Samples));
        return new TrainValidationSplit(Part(validation: false), Part(validation: true));
    }
}
