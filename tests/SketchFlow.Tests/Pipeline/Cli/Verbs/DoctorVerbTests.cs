using SketchFlow.Pipeline.Cli.Diagnostics;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Tests.Pipeline.Cli.Verbs;

public class DoctorVerbTests
{
    private static readonly Finding[] _healthy = [new(true, "memory", "25 GB"), new(null, "device", "CPU")];

    [Fact]
    public void Every_check_has_a_row_with_its_status()
    {
        var lines = DoctorVerb.Table([.. _healthy, new(false, "disk", "1 GB free", "free at least 2 GB")]).Lines(80);
        Assert.Matches("^status +check +found$", lines[0]);
        Assert.Equal(["ok      memory  25 GB", "info    device  CPU", "fix     disk    1 GB free"], lines.Skip(2));
    }

    [Fact]
    public void Fixes_and_improvements_are_sentences_below_the_table()
    {
        Assert.Empty(DoctorVerb.DescribeFixes(_healthy));
        Assert.Equal(
            ["To fix disk: free at least 2 GB", "To improve fonts: apt-get install -y fonts-noto-core"],
            DoctorVerb.DescribeFixes(
            [
                .. _healthy, new(false, "disk", "1 GB free", "free at least 2 GB"), new(null, "fonts", "some lack", "apt-get install -y fonts-noto-core"),
            ]));
    }
}
