using System.Collections.Immutable;

namespace SketchFlow.Data.Competitions;

/// <summary>Names that competitions give to the columns of their tables, and to their tables and folders, without case and separators.</summary>
public static class ColumnNames
{
    /// <summary>Columns of ids, the most usual first.</summary>
    public static ImmutableArray<string> Ids { get; } = ["id", "imageid", "imgid", "idcode", "testid", "rowid", "sampleid", "fileid"];

    /// <summary>Columns that name the image of a row: those of paths and files, then those of ids.</summary>
    public static ImmutableArray<string> Images { get; } =
    [
        "imagepath", "imagefile", "imgpath", "filepath", "path", "filename", "file", "image", "imagename", "imagefilename", "img", "imgname", "imgfile",
        "picture", "photo", "imageid", "imgid", "idcode", "fileid", "keyid", "uuid", "id", "sampleid", "testid", "rowid",
    ];

    /// <summary>Columns that name the class of a row.</summary>
    public static ImmutableArray<string> Labels { get; } =
    [
        "label", "labels", "class", "target", "category", "y", "classname", "labelname", "categoryname", "targetname", "classid", "labelid", "categoryid",
        "classlabel", "breed", "species", "word",
    ];

    /// <summary>Returns a name without case and separators: <c>image_id</c>, <c>Image-ID</c> and <c>imageId</c> are <c>imageid</c>.</summary>
    /// <param name="name">Name of a column, table or folder.</param>
    public static string Plain(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new string([.. name.Where(char.IsLetterOrDigit)]).ToLowerInvariant();
    }

    /// <summary>Returns true for a column of row numbers, such as pandas writes: without a name, or <c>Unnamed: 0</c>.</summary>
    /// <param name="name">Name of the column.</param>
    public static bool IsIndex(string name) => Plain(name) is var plain && (name.Length == 0 || plain is "index" or "level0"
        || (plain.StartsWith("unnamed", StringComparison.Ordinal) && plain.AsSpan(7).IndexOfAnyExceptInRange('0', '9') < 0));

    /// <summary>Finds the first column that has one of several names.</summary>
    /// <param name="header">Names of the columns.</param>
    /// <param name="known">Names without case and separators, the most wanted first.</param>
    /// <returns>Place of the column; null where no column is called so.</returns>
    public static int? Find(IReadOnlyList<string> header, IEnumerable<string> known)
    {
        string[] names = [.. header.Select(Plain)];
        return known.Select(name => Array.IndexOf(names, name)).Where(at => at >= 0).Select(at => (int?)at).FirstOrDefault();
    }
}
