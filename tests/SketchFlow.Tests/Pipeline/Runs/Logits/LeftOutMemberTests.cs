using SketchFlow.Pipeline.Runs.Logits;

namespace SketchFlow.Tests.Pipeline.Runs.Logits;

public sealed class LeftOutMemberTests
{
    [Fact]
    public void Members_with_one_reason_share_a_line() => Assert.Equal(
        ["a, c are left out. Reason for each: it has no test table", "b is left out: it is damaged"],
        LeftOutMember.Describe([new("a", "it has no test table"), new("b", "it is damaged"), new("c", "it has no test table")]));
}
