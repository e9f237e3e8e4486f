using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SketchFlow.Data.Messages;

/// <summary>Writes NaN and infinities to JSON as null, since JSON has no such numbers, and reads null as NaN.</summary>
/// <typeparam name="T">Float or double.</typeparam>
public sealed class NonFiniteAsNull<T> : JsonConverter<T>
    where T : IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? T.NaN : T.CreateSaturating(reader.GetDouble());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!T.IsFinite(value))
        {
            writer.WriteNullValue();
        }
        else if (value is float single)
        {
            // As a double, 0.1 would get the digits of its float.
            writer.WriteNumberValue(single);
        }
        else
        {
            writer.WriteNumberValue(double.CreateChecked(value));
        }
    }
}
