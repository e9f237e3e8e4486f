using System.Buffers.Binary;
using System.IO.Compression;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Fuzz.Mutation;
using SketchFlow.Fuzz.Readers;
using SketchFlow.Fuzz.Runs;

namespace SketchFlow.Tests.Fuzz.Mutation;

public sealed class MutatorTests
{
    public static TheoryData<string> Readers => [.. Reader.All.Select(r => r.Name)];

    /// <summary>A finding is repeated by its reader, seed and number.</summary>
    [Theory]
    [MemberData(nameof(Readers))]
    public void Mutants_are_deterministic_bounded_and_mostly_new(string name)
    {
        var reader = Reader.Find(name);
        var inputs = Corpus.Load(reader, null).All;
        var (one, other) = (new Mutator(reader, inputs), new Mutator(reader, inputs));
        var mutants = Enumerable.Range(0, 60).Select(n => one.Create(7, n)).ToList();
        Assert.Equal(mutants, Enumerable.Range(0, 60).Reverse().Select(n => other.Create(7, n)).Reverse());
        Assert.All(mutants, m => Assert.InRange(m.Length, 0, Mutator.MaxLength));
        Assert.InRange(mutants.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal).Count(), 45, 60);
        Assert.InRange(mutants.Count(m => !inputs.Any(i => i.SequenceEqual(m))), 45, 60);
        Assert.NotEqual(mutants, Enumerable.Range(0, 60).Select(n => one.Create(8, n)));
    }

    /// <summary>The parts of a format are within any input, however damaged.</summary>
    [Theory]
    [MemberData(nameof(Readers))]
    public void Parts_are_within_the_input(string name)
    {
        var reader = Reader.Find(name);
        var inputs = Corpus.Load(reader, null).All;
        Assert.True(reader.Format == InputFormat.Bytes || inputs.Any(i => reader.Format.FindParts(i).Count > 1));
        var mutator = new Mutator(reader, inputs);
        foreach (var mutant in Enumerable.Range(0, 100).Select(n => mutator.Create(9, n)))
        {
            Assert.All(reader.Format.FindParts(mutant), p => Assert.True(p.Start >= 0 && p.Length > 0 && p.Start <= mutant.Length, $"{p} of {mutant.Length}"));
        }
    }

    [Fact]
    public void Sealing_makes_the_checksums_of_changed_files_right()
    {
        var png = Reader.Find("png");
        var seed = Corpus.Load(png, null).Seeds[0];
        Assert.Equal(seed, png.Format.Seal(seed));
        var changed = (byte[])seed.Clone();
        changed[19] ^= 1;
        changed[^1] ^= 0xFF;
        var resealed = png.Format.Seal(changed);
        Assert.Equal(System.IO.Hashing.Crc32.HashToUInt32(resealed.AsSpan(12, 17)), BinaryPrimitives.ReadUInt32BigEndian(resealed.AsSpan(29)));
        Assert.Equal(seed.AsSpan(seed.Length - 4).ToArray(), resealed.AsSpan(resealed.Length - 4).ToArray());

        var zip = Reader.Find("zip");
        var archive = (byte[])Corpus.Load(zip, null).Seeds[1].Clone();
        archive[archive.AsSpan().IndexOf("PNGcat/1.png"u8)] = (byte)'Q';
        using var opened = new ZipArchive(new MemoryStream(zip.Format.Seal(archive)));
        using var body = opened.Entries[0].Open();
        using var read = new MemoryStream();
        body.CopyTo(read);
        Assert.Equal(System.IO.Hashing.Crc32.HashToUInt32(read.ToArray()), opened.Entries[0].Crc32);
    }
}
