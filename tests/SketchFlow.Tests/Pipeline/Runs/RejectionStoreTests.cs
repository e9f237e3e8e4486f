using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Runs;

public class RejectionStoreTests
{
    [Fact]
    public void The_file_lists_the_rejected_inputs_and_is_deleted_when_there_are_none()
    {
        using var folder = new TemporaryFolder();
        var file = folder["new/rejected.csv"];
        RejectionStore.Write(file, []);
        Assert.False(File.Exists(file));

        RejectionStore.Write(file, [new Rejected(4, "a.png", "truncated"), new Rejected(7, "b,c.png", "empty")]);
        Assert.Equal("id,image_path,reason\n4,a.png,truncated\n7,\"b,c.png\",empty\n", File.ReadAllText(file));
        RejectionStore.Write(file, [new Rejected(7, "b.png", "empty")]);
        Assert.Equal("id,image_path,reason\n7,b.png,empty\n", File.ReadAllText(file));

        RejectionStore.Write(file, []);
        Assert.False(File.Exists(file));
    }
}
