using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>
/// Writes text in double quotes where it would not be read back as it is: text that <see cref="YamlJson"/> reads as a number, such as <c>09</c>, which
/// YAML 1.1 does not, and control characters, which YamlDotNet does not always escape.
/// </summary>
/// <param name="next">Writes all other values.</param>
internal sealed class ExactTextEmitter(IEventEmitter next) : ChainedEventEmitter(next)
{
    /// <inheritdoc/>
    public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
    {
        if (eventInfo.Source.Value is string text && (!YamlJson.IsText(text) || text.Any(c => char.IsControl(c) && c != '\n')))
        {
            eventInfo.Style = ScalarStyle.DoubleQuoted;
        }

        base.Emit(eventInfo, emitter);
    }
}
