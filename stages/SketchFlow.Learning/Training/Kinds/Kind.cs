using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Training.Kinds;

/// <summary>
/// One kind of a recipe's section, such as the focal loss: a record whose properties are the options of that kind and no others, so that
/// combinations without a meaning cannot be written.
/// </summary>
/// <remarks>A section (loss, optimizer, schedule) is an abstract record derived from this one; <see cref="KindRegistry"/> finds its kinds.</remarks>
public abstract record Kind
{
    /// <summary>Name of the kind in recipes: the type's name in snake case.</summary>
    public string Name => KindRegistry.NameOf(GetType());

    /// <summary>Evaluates the range checks of all options.</summary>
    public ImmutableArray<OptionCheck> Checks()
    {
        var checks = new OptionChecks();
        AddChecks(checks);
        return checks.All;
    }

    /// <summary>Throws where an option is out of range.</summary>
    /// <exception cref="RefusalException">The first option that is out of range; the message names the option, its value and the range.</exception>
    public void Check()
    {
        if (Checks().FirstOrDefault(c => !c.Holds) is { } failed)
        {
            throw new RefusalException($"{Name}: {failed}");
        }
    }

    /// <summary>Adds the range check of every option; derived records call the base method first.</summary>
    protected abstract void AddChecks(OptionChecks checks);

    /// <summary>Returns the name and all options, such as <c>focal(gamma=2, alpha=1, label_smoothing=0)</c>.</summary>
    public sealed override string ToString() =>
        $"{Name}({string.Join(", ", KindRegistry.OptionsOf(GetType()).Select(o => $"{KindRegistry.KeyOf(o)}={OptionText.Format(o.GetValue(this))}"))})";
}
