using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>All labelled images of a data set in one of the supported layouts.</summary>
/// <param name="data">The data set.</param>
internal sealed class DataSetImages(DataSet data) : ImageArchive
{
    /// <inheritdoc/>
    public override string NotUsed => data.NotUsed;

    /// <inheritdoc/>
    public override IEnumerable<ArchivedImage> Images()
    {
        foreach (var sample in data.Train.Concat(data.Validation).Concat(data.Test).Where(s => s.Target is not null || s.Fault is not null))
        {
            if (sample.Fault is { } fault)
            {
                Names.Reject(sample.Id, sample.ImagePath, fault);
            }
            else if ((sample.Section?.Length ?? FileLength.Find(sample.File)) is not { } length)
            {
                Names.Reject(sample.Id, sample.ImagePath, "no such file");
            }
            else if (Names.Place(sample.Id, sample.ImagePath, data.Classes[sample.Target!.Value], sample.ImagePath) is var (className, folder, name))
            {
                yield return new ArchivedImage(className, folder, name, length, sample);
            }
        }
    }

    /// <inheritdoc/>
    public override void Copy(ArchivedImage image, Stream target)
    {
        try
        {
            using var bytes = ((Sample)image.Source).OpenRead();
            bytes.CopyTo(target);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new RefusalException($"{((Sample)image.Source).ImagePath} cannot be read: {e.Message.TrimEnd('.')}; repeat the command without it.", e);
        }
    }
}
