using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SketchFlow.Learning.Training.Kinds;

/// <summary>Kinds in JSON, and so in recipes: <c>{"kind": "focal", "gamma": 2}</c>.</summary>
public static class KindJson
{
    /// <summary>Key that names the kind.</summary>
    public const string Discriminator = "kind";

    /// <summary>Lets the serializer read and write the kinds of a section; a modifier for a <see cref="DefaultJsonTypeInfoResolver"/>.</summary>
    public static void AddKinds(JsonTypeInfo type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!KindRegistry.IsSection(type.Type))
        {
            return;
        }

        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = Discriminator };
        foreach (var (name, kind) in KindRegistry.Known(type.Type))
        {
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind, name));
        }
    }
}
