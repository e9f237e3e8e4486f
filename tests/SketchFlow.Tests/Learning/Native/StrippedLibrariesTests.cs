using System.Diagnostics;
using System.Reflection;
using SketchFlow.Learning.Native;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Learning.Native;

/// <summary>Tests of the native libraries that the build copies without symbol tables (build/StripNativeLibraries.targets).</summary>
public class StrippedLibrariesTests
{
    private const long MebiByte = 1 << 20;

    private static readonly string Script = Path.Combine(Repository.Root, "build", "strip.sh");
    private static readonly string Stripped = Path.Combine(Repository.Root, "artifacts", "build", "obj", "native");

    [Fact]
    public void The_program_and_the_tests_have_hard_links_to_small_libraries()
    {
        Assert.SkipUnless(Directory.Exists(Stripped), "the build found no binutils");
        var program = Path.Combine(Repository.Root, "artifacts", "build");
        var libraries = ((string[])["", "libtorch"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(program, folder), "*.so*")).ToList();
        Assert.Contains(libraries, l => Path.GetFileName(l) is "libtorch_cpu.so");
        var runtime = libraries.Where(l => Path.GetFileName(l).StartsWith("libonnxruntime", StringComparison.Ordinal)).ToList();
        Assert.InRange(libraries.Except(runtime).Sum(l => new FileInfo(l).Length), 300 * MebiByte, 500 * MebiByte);
        Assert.InRange(runtime.Sum(l => new FileInfo(l).Length), 20 * MebiByte, 40 * MebiByte);
        Assert.All(libraries.Where(IsLarge), library => Assert.False(new ElfFile(library).HasSymbolTable, library));
        Assert.Equal(INode(Path.Combine(program, "libtorch", "libtorch_cpu.so")), INode(Path.Combine(LibTorch.Folder!, "libtorch_cpu.so")));
    }

    [Fact]
    public void What_the_loader_maps_is_the_same_as_in_the_packages()
    {
        Assert.SkipUnless(Directory.Exists(Stripped), "the build found no binutils");
        var packages = typeof(StrippedLibrariesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PackageRoot").Value!;
        var libraries = Directory.EnumerateFiles(Stripped, "*.so*", SearchOption.AllDirectories).ToList();
        Assert.NotEmpty(libraries);
        foreach (var library in libraries)
        {
            // obj/native/PACKAGE/VERSION/FILE; PACKAGE.bare is a copy with fewer needs (build/OpenCvLibrary.targets).
            var parts = Path.GetRelativePath(Stripped, library).Split('/');
            var name = parts[0].Replace(".bare", "", StringComparison.Ordinal).ToLowerInvariant();
            var package = Path.Combine(packages, name, parts[1], "runtimes");
            var original = Directory.EnumerateFiles(package, parts[2], SearchOption.AllDirectories)
                .Single(f => f.Contains("/linux-x64/", StringComparison.Ordinal));
            Assert.True(new FileInfo(library).Length <= new FileInfo(original).Length);
            var (ours, theirs) = (new ElfFile(library), new ElfFile(original));
            Assert.Equal(theirs.Segments(), ours.Segments());
            Assert.Equal(theirs.MappedSections().Select(s => (s.Address, s.Size)), ours.MappedSections().Select(s => (s.Address, s.Size)));
            var sections = theirs.MappedSections().Zip(ours.MappedSections());
            if (parts[0].EndsWith(".bare", StringComparison.Ordinal))
            {
                // The list of needed libraries alone is shorter (build/OpenCvLibrary.targets).
                Assert.Equal(theirs.Dynamic().Where(e => e.Tag != ElfFile.Needed), ours.Dynamic().Where(e => e.Tag != ElfFile.Needed));
                sections = sections.Where(s => s.First.Address != theirs.DynamicAddress);
            }

            Assert.All(sections, pair => Assert.True(pair.First.Content.Span.SequenceEqual(pair.Second.Content.Span), $"{library} at {pair.First.Address}"));
        }
    }

    [Fact]
    public void OpenCVs_library_needs_the_C_and_C_plus_plus_libraries_alone()
    {
        var elf = new ElfFile(Path.Combine(Repository.Root, "artifacts", "build", "libOpenCvSharpExtern.so"));
        string[] expected =
        [
            "ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1", "libstdc++.so.6",
        ];
        Assert.Equal(expected, elf.NeededLibraries().Order(StringComparer.Ordinal));
        // The loader resolves functions by their first call, but variables immediately.
        Assert.Empty(elf.UnresolvedVariables());
    }

    [Theory]
    [InlineData("exit 0", null)]
    [InlineData("strip() { :; }", "library")]
    [InlineData("strip() { echo warning >&2; printf s > \"$3\"; }", "library")]
    [InlineData("strip() { printf s > \"$3\"; return 1; }", "library")]
    [InlineData("strip() { printf 'longer than before' > \"$3\"; }", "library")]
    [InlineData("strip() { printf s > \"$3\"; }", "s")]
    public void A_library_is_stripped_only_where_that_is_safe(string strip, string? expected)
    {
        using var folder = new TemporaryFolder();
        var (library, copy) = (Path.Combine(folder.Root, "a library.so"), Path.Combine(folder.Root, "new folder", "a.so"));
        File.WriteAllText(library, "library");

        // A function with the name of the program is called in its place.
        var script = expected is null ? "PATH=/nowhere; . \"$0\"" : $"{strip}; . \"$0\"";
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script, Script, library, copy]))!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        Assert.Equal(expected, File.Exists(copy) ? File.ReadAllText(copy) : null);
        Assert.Equal("library", File.ReadAllText(library));
        Assert.True(expected is null || Directory.EnumerateFiles(Path.GetDirectoryName(copy)!).Count() == 1);
    }

    // The others have a table of a few kilobytes, without which strip does not make them smaller, and the one that the build patches.
    private static bool IsLarge(string library) => new FileInfo(library).Length > 3 * MebiByte;

    private static string INode(string path)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%d %i", path]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }
}
