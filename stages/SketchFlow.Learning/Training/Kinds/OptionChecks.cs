using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace SketchFlow.Learning.Training.Kinds;

/// <summary>Collects the range checks of a kind. They also are the source of the ranges that the reference pages list.</summary>
public sealed class OptionChecks
{
    private readonly ImmutableArray<OptionCheck>.Builder _all = ImmutableArray.CreateBuilder<OptionCheck>();

    /// <summary>The checks in the order in which they were added.</summary>
    public ImmutableArray<OptionCheck> All => _all.ToImmutable();

    /// <summary>Adds the check of one option.</summary>
    /// <param name="holds">Whether the value is in range.</param>
    /// <param name="value">The option's value.</param>
    /// <param name="expected">Description of the range, such as <c>0 or more</c>.</param>
    /// <param name="option">Name of the property; the compiler passes the text of <paramref name="value"/>.</param>
    public void Require(bool holds, object? value, string expected, [CallerArgumentExpression(nameof(value))] string option = "") =>
        _all.Add(new OptionCheck(KindRegistry.KeyOf(option), holds, value, expected));
}
