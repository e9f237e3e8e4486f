using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Writes text with control characters in double quotes, which escape them; YamlDotNet writes some of them as they are.</summary>
/// <param name="next">Writes all other values.</param>
internal sealed class ControlCharacterEmitter(IEventEmitter next) : ChainedEventEmitter(next)
{
    /// <inheritdoc/>
    public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
    {
        if (eventInfo.Source.Value is string text && text.Any(c => char.IsControl(c) && c != '\n'))
        {
            eventInfo.Style = ScalarStyle.DoubleQuoted;
        }

        base.Emit(eventInfo, emitter);
    }
}
