using SketchFlow.Data.Files;

namespace SketchFlow.Tests.Data.Files;

public class FileHashTests
{
    [Fact]
    public void Is_the_published_SHA256_of_abc()
    {
        using var folder = new TemporaryFolder();
        var file = folder["abc"];
        File.WriteAllText(file, "abc");
        // FIPS 180-2, appendix B.1
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", FileHash.Sha256(file));
    }
}
