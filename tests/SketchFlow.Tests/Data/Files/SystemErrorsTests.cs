using SketchFlow.Data.Files;

namespace SketchFlow.Tests.Data.Files;

public class SystemErrorsTests
{
    [Theory]
    [InlineData(28, "The disk is full (")]
    [InlineData(122, "The disk quota is used up")]
    [InlineData(30, "The file system is read-only")]
    [InlineData(24, "Too many files are open")]
    [InlineData(23, "Too many files are open")]
    [InlineData(5, "The disk does not answer")]
    [InlineData(116, "A file of a network drive is gone")]
    [InlineData(27, "The file is too large")]
    public void Codes_of_the_system_become_one_sentence(int code, string sentence)
    {
        var error = new IOException("No space left on device : '/x/a.bin'", code);
        Exception[] wrapped = [new AggregateException(error), new InvalidOperationException("x", error), new UnauthorizedAccessException("d", error)];
        foreach (var thrown in wrapped.Prepend(error))
        {
            var said = SystemErrors.Describe(thrown)!;
            Assert.StartsWith(sentence, said, StringComparison.Ordinal);
            Assert.EndsWith(".", said, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Missing_files_and_rights_are_named_and_other_errors_are_not_described()
    {
        var missing = Assert.ThrowsAny<IOException>(() => File.ReadAllText("/no/such/file"));
        Assert.Contains("/no/such/file", SystemErrors.Describe(missing), StringComparison.Ordinal);
        Assert.Contains("check the rights", SystemErrors.Describe(new UnauthorizedAccessException("Access to '/x' is denied.")), StringComparison.Ordinal);
        Assert.Null(SystemErrors.Describe(new InvalidOperationException("other")));
        Assert.Null(SystemErrors.Describe(null));
    }

    [Fact]
    public void The_free_space_is_that_of_the_nearest_folder_that_exists()
    {
        Assert.True(SystemErrors.FreeBytes(Path.Combine(Path.GetTempPath(), "a", "b", "c")) > 0);
        Assert.Null(SystemErrors.FreeBytes("\0"));
    }
}
