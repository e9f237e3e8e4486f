using SketchFlow.Pipeline.Cli.Diagnostics;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Tests.Pipeline.Cli.Verbs;

public class DoctorVerbTests
{
    [Fact]
    public void The_column_of_fixes_is_there_only_if_something_can_be_fixed()
    {
        Finding[] healthy = [new(true, "memory", "25 GB"), new(null, "device", "CPU")];
        var lines = DoctorVerb.Table(healthy).Lines(null);
        Assert.Matches("^status +check +found$", lines[0]);
        Assert.StartsWith("ok ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("info ", lines[3], StringComparison.Ordinal);
        lines = DoctorVerb.Table([.. healthy, new(false, "disk", "1 GB free", "free at least 2 GB")]).Lines(null);
        Assert.Matches("^status +check +found +fix$", lines[0]);
        Assert.Matches("^fix +disk +1 GB free +free at least 2 GB$", lines[^1]);
    }
}
