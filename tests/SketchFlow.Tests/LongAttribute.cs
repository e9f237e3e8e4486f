using Xunit.v3;

namespace SketchFlow.Tests;

/// <summary>Marks tests that take many seconds: <c>make test-long</c> runs them, <c>make test</c> does not, and CI runs both.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class LongAttribute : Attribute, ITraitAttribute
{
    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Category", "Long")];
}
