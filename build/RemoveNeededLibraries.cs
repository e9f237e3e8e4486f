using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a shared library (ELF, 64 bits, little-endian) without those entries of its list of needed libraries that are not in a given list. Only the
/// dynamic section changes: code and data stay the same. Functions of the removed libraries are found by their first call, which never comes.
/// </summary>
public sealed class RemoveNeededLibraries : Task
{
    private const long Needed = 1;
    private const long StringTable = 5;

    /// <summary>Path of the library.</summary>
    [Required]
    public string Source { get; set; } = "";

    /// <summary>Path of the copy.</summary>
    [Required]
    public string Destination { get; set; } = "";

    /// <summary>Names of the libraries that stay, separated by semicolons.</summary>
    [Required]
    public string Keep { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        var image = File.ReadAllBytes(Source);
        if (image.Length < 64 || image[0] != 0x7F || image[1] != 'E' || image[4] != 2 || image[5] != 1)
        {
            Log.LogError($"{Source} is no 64-bit ELF library.");
            return false;
        }

        var keep = new HashSet<string>(Keep.Split(';').Select(name => name.Trim()));
        var segments = Enumerable.Range(0, BitConverter.ToUInt16(image, 56)).Select(i => (int)BitConverter.ToInt64(image, 32) + (56 * i)).ToList();
        var dynamic = (int)BitConverter.ToInt64(image, segments.Single(s => BitConverter.ToInt32(image, s) == 2) + 8);
        var entries = new List<(long Tag, long Value)>();
        do
        {
            var at = dynamic + (16 * entries.Count);
            entries.Add((BitConverter.ToInt64(image, at), BitConverter.ToInt64(image, at + 8)));
        }
        while (entries[entries.Count - 1].Tag != 0);

        var strings = OffsetOf(entries.Single(e => e.Tag == StringTable).Value);
        var kept = entries.Where(e => e.Tag != Needed || keep.Contains(Text(strings + e.Value))).ToList();
        for (var i = 0; i < entries.Count; i++)
        {
            var (tag, value) = i < kept.Count ? kept[i] : (0, 0);
            BitConverter.GetBytes(tag).CopyTo(image, dynamic + (16 * i));
            BitConverter.GetBytes(value).CopyTo(image, dynamic + (16 * i) + 8);
        }

        // Two programs may be built at the same time: the rename makes a copy appear whole.
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        var temporary = $"{Destination}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, image);
        if (File.Exists(Destination))
        {
            File.Delete(temporary);
        }
        else
        {
            File.Move(temporary, Destination);
        }

        return true;

        long OffsetOf(long address)
        {
            var load = segments.First(s => BitConverter.ToInt32(image, s) == 1
                && BitConverter.ToInt64(image, s + 16) <= address && address < BitConverter.ToInt64(image, s + 16) + BitConverter.ToInt64(image, s + 32));
            return address - BitConverter.ToInt64(image, load + 16) + BitConverter.ToInt64(image, load + 8);
        }

        string Text(long at)
        {
            var end = Array.IndexOf(image, (byte)0, (int)at);
            return Encoding.ASCII.GetString(image, (int)at, end - (int)at);
        }
    }
}
