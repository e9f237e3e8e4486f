using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>
/// Opens the packs of shards: those next to the shards, or, where that folder cannot be written, in a folder of the user. A pack that is missing, of another
/// version or damaged is written again.
/// </summary>
/// <param name="root">Folder of the data set.</param>
/// <param name="fallback">Folder for data sets that cannot be written; null for none.</param>
internal sealed class ShardCache(string root, string? fallback)
{
    private readonly string[] _folders =
    [
        Path.Combine(root, FolderScan.PackFolder),
        .. fallback is null ? [] : new[] { Path.Combine(fallback, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..16]) },
    ];

    /// <summary>Opens the pack of a shard, unpacking it if that was not done before.</summary>
    /// <exception cref="RefusalException">The shard is damaged, or no folder can hold its images.</exception>
    public ShardPack Open(string shard)
    {
        var source = new FileInfo(shard);
        var name = Path.GetRelativePath(root, shard).Replace(Path.DirectorySeparatorChar, '_');
        return _folders.Select(f => Read(source, Path.Combine(f, name))).FirstOrDefault(p => p is not null) ?? Unpack(source, name);
    }

    private static ShardPack? Read(FileInfo shard, string pack)
    {
        try
        {
            var (index, images) = ($"{pack}.json", $"{pack}.images");
            return File.Exists(index) && JsonSerializer.Deserialize<ShardPack>(File.ReadAllBytes(index)) is { } known && known.Fits(shard, new FileInfo(images))
                ? known with { File = images }
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    private ShardPack Unpack(FileInfo shard, string name)
    {
        CheckReadable(shard);
        Exception? failure = null;
        foreach (var folder in _folders)
        {
            try
            {
                var (pack, images) = (ShardPack.For(shard), Path.Combine(folder, $"{name}.images"));
                // The index is written after the images, so that it never names missing images.
                WholeFile.Write(images, target => pack = ShardUnpacker.Unpack(shard.FullName, target, pack).Seal());
                WholeFile.Write(Path.Combine(folder, $"{name}.json"), target => JsonSerializer.Serialize(target, pack));
                return pack with { File = images };
            }
            catch (InvalidDataException e)
            {
                throw new RefusalException($"{shard.FullName} is a damaged Parquet file ({PrintableText.Reason(e)}); download it again.", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
            }
        }

        throw new RefusalException(
            $"The images of {shard.Name} are unpacked into {string.Join(" or ", _folders)}, which cannot be written ({PrintableText.Reason(failure!)}); "
            + "free disk space there, or copy the shards to a folder of your own.", failure!);
    }

    private static void CheckReadable(FileInfo shard)
    {
        try
        {
            using var file = shard.OpenRead();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException($"{shard.FullName} cannot be read ({PrintableText.Reason(e)}); make it readable, or download it again.", e);
        }
    }
}
