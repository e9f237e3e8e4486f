using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Dataflow;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Auditing;

/// <summary>Finds exact, near and mirrored copies of images that carry different labels: files ─> decode ─> fingerprint.</summary>
internal static class ConflictingCopies
{
    /// <summary>Searches the labelled images of a data set.</summary>
    /// <param name="data">The data set; images that cannot be decoded have no copies.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <returns>For each image with such a copy, by its path, the first of its copies with another label.</returns>
    public static ImmutableSortedDictionary<string, ConflictingCopy> Find(DataSet data, CancellationToken cancellation)
    {
        var labelled = data.Train.Concat(data.Validation).Where(s => s is { Fault: null, Target: not null }).ToList();
        var decode = new DecodeOptions { ReducedDecoding = true, TargetSide = 128 };
        var images = Flow.From("files", labelled).Map("decode", sample => ImageDecoder.Read(decode, sample), Environment.ProcessorCount);
        var (samples, twins) = TwinSearch.Run(images, Environment.ProcessorCount, cancellation);
        var found = ImmutableSortedDictionary.CreateBuilder<string, ConflictingCopy>(StringComparer.Ordinal);
        foreach (var set in TwinFinder.Join(samples.Count, twins))
        {
            foreach (var image in set.Select(i => samples[i]))
            {
                var other = set.Select(i => samples[i]).FirstOrDefault(s => s.Target != image.Target);
                if (other is not null)
                {
                    found[image.ImagePath] = new ConflictingCopy(other.ImagePath, data.Classes[other.Target!.Value]);
                }
            }
        }

        return found.ToImmutable();
    }
}
