using System.IO.Compression;
using System.Security.Cryptography;
using SketchFlow.Pipeline.Installation;

namespace SketchFlow.Tests.Pipeline.Installation;

/// <summary>A small package in the place of libtorch's, with the files that are kept and others.</summary>
internal sealed class TestPackage
{
    public const string Id = "small-torch";
    public const string Version = "2.0.0";

    public TestPackage(IEnumerable<(string Path, byte[] Content)>? others = null, string? without = null)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, $"{Id}.nuspec", System.Text.Encoding.UTF8.GetBytes(
                $"<package><metadata><id>{Id}</id><version>{Version}</version><authors>a</authors><description>d</description></metadata></package>"));
            foreach (var member in LibTorchCache.Members.Where(m => m != without))
            {
                Add(zip, member, Content(member));
            }

            foreach (var (path, content) in others ?? [])
            {
                Add(zip, path, content);
            }
        }

        Bytes = bytes.ToArray();
    }

    public byte[] Bytes { get; }

    public LockedPackage Locked => new(Id, Version, Convert.ToBase64String(SHA512.HashData(Bytes)));

    public static byte[] Content(string member) => [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * (member.Length + i)))];

    private static void Add(ZipArchive zip, string path, byte[] content)
    {
        using var to = zip.CreateEntry(path).Open();
        to.Write(content);
    }
}
