using System.Runtime.InteropServices;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Learning.Native;

public partial class SymbolVersionsTests
{
    [Fact]
    public void The_library_of_the_program_needs_nothing_that_this_system_lacks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "not Linux");
        Assert.Empty(SymbolVersions.Missing(LibTorch.BridgePath, SymbolVersions.SystemLibStdCpp()!));
        Assert.Contains(SymbolVersions.Needed(LibTorch.BridgePath), n => n is { Provider: "libstdc++.so.6", Version: "GLIBCXX_3.4.32" });
    }

    [Fact]
    public void Weakening_writes_a_copy_and_leaves_a_hard_link_to_the_old_file_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "not Linux");
        using var folder = new TemporaryFolder();
        var (cache, library) = (Path.Combine(folder.Root, "cache.so"), Path.Combine(folder.Root, "library.so"));
        File.Copy(LibTorch.BridgePath, cache);
        // On any system the library has a strong dependency on libstdc++.
        var wanted = SymbolVersions.Needed(cache).First(n => n is { Provider: "libstdc++.so.6", Weak: false });
        Assert.Equal(0, link(cache, library));
        var before = File.ReadAllBytes(cache);

        Assert.Equal(1, SymbolVersions.Weaken(library, [wanted]));
        Assert.True(SymbolVersions.Needed(library).Single(n => n.Version == wanted.Version && n.Provider == wanted.Provider).Weak);
        Assert.Equal(before, File.ReadAllBytes(cache));
        var after = File.ReadAllBytes(library);
        Assert.Equal(1, before.Zip(after).Count(pair => pair.First != pair.Second));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(File.GetUnixFileMode(cache), File.GetUnixFileMode(library));
        }

        Assert.Equal(0, SymbolVersions.Weaken(library, [wanted]));
    }

    [Fact]
    public void The_systems_library_defines_what_its_name_promises()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "not Linux");
        Assert.Contains("GLIBCXX_3.4.21", SymbolVersions.Defined(SymbolVersions.SystemLibStdCpp()!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a library at all, but a long enough text to have had a header in it if it were one, which it is not")]
    public void Another_file_is_refused(string text)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Root, "text.so");
        File.WriteAllText(path, text);
        Assert.Throws<RefusalException>(() => SymbolVersions.Needed(path));
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);
}
