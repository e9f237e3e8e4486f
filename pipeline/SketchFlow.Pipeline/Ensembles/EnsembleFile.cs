using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Definition from which an ensemble can be rebuilt: <c>artifacts/ensembles/NAME.yaml</c>.</summary>
public sealed record EnsembleFile
{
    private const string RemakeHint = "make it again with sketchflow ensemble";

    // All scalars are read as text, from which numbers are parsed where a number is expected.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Name of the data set.</summary>
    public string Dataset { get; init; } = "";

    /// <summary>Description of the search.</summary>
    public string Method { get; init; } = "";

    /// <summary>Rule that combines the members: soft, logits, rank, hard, perclass or stacked.</summary>
    public string Combine { get; init; } = "soft";

    /// <summary>Penalty strength of a stack, which is fitted again on the validation tables, with the same coefficients.</summary>
    public double? StackStrength { get; init; }

    /// <summary>Inputs of each class in a stack: full or ownclass.</summary>
    public string? StackForm { get; init; }

    /// <summary>Objective of the search.</summary>
    public string Aim { get; init; } = "";

    /// <summary>Top-1 accuracy on validation.</summary>
    public double ValAccuracy { get; init; }

    /// <summary>Mean cross-entropy on validation.</summary>
    public double ValLogLoss { get; init; }

    /// <summary>Class names in the order of the class numbers, where the tables have other orders; else empty.</summary>
    public List<string> Classes { get; init; } = [];

    /// <summary>The members, in ordinal order of their runs.</summary>
    public List<EnsembleMember> Members { get; init; } = [];

    /// <summary>Returns the path of the ensemble with that name.</summary>
    public static string PathOf(Artifacts artifacts, string name) => Path.Combine(artifacts.Root, "ensembles", $"{name}.yaml");

    /// <summary>Reads a saved ensemble.</summary>
    /// <exception cref="RefusalException">There is no such file, or it is not a valid ensemble.</exception>
    public static EnsembleFile Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new RefusalException($"There is no ensemble {path}; make one with sketchflow ensemble.");
        }

        var tree = YamlJson.ReadFileAsText(path) as JsonObject ?? [];
        CheckKeys(path, tree, typeof(EnsembleFile));
        foreach (var member in tree["members"] as JsonArray ?? [])
        {
            CheckKeys(path, member, typeof(EnsembleMember));
        }

        if (FindNull(tree, "") is { } empty)
        {
            var line = YamlJson.FindLines(path).GetValueOrDefault(empty, 1);
            throw new RefusalException($"{path} is not a valid ensemble: {PrintableText.Line(empty)} has no value (line {line}); {RemakeHint}.");
        }

        try
        {
            return tree.Deserialize<EnsembleFile>(Json) is { Members.Count: > 0, Dataset.Length: > 0 } file
                && file.Members.All(m => m is { Run.Length: > 0 })
                ? file.CheckNames(path)
                : throw new RefusalException($"{path} names no data set or no members, expected both; {RemakeHint}.");
        }
        catch (JsonException e)
        {
            throw new RefusalException($"{path} is not a valid ensemble: {JsonTypeMismatch.From(e, tree, typeof(EnsembleFile), Json)}; {RemakeHint}.", e);
        }
    }

    /// <summary>Writes the ensemble; on failure no file is left. Numbers are written so that they are read back exactly.</summary>
    public void Save(string path)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# sketchflow ensemble --from {Path.GetFileName(path)} makes the same submission from the same tables.\n");
        text.Append(CultureInfo.InvariantCulture, $"dataset: {Quote(Dataset)}\nmethod: {Quote(Method)}\ncombine: {Combine}\n{Stack()}aim: {Quote(Aim)}\n");
        text.Append(Classes.Count == 0 ? "" : $"classes: [{string.Join(", ", Classes.Select(Quote))}]\n");
        text.Append(CultureInfo.InvariantCulture, $"val_accuracy: {ValAccuracy:R}\nval_log_loss: {ValLogLoss:R}\nmembers:\n");
        foreach (var member in Members)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - run: {Quote(member.Run)}\n    model: {Quote(member.Model)}\n");
            text.Append(CultureInfo.InvariantCulture, $"    weight: {member.Weight:R}\n    temperature: {member.Temperature:R}\n");
            text.Append(member.EstimatedBy is { } estimate ? $"    estimated_by: {Quote(estimate)}\n" : "");
            if (member.ClassWeights.Count > 0)
            {
                var weights = string.Join(", ", member.ClassWeights.Select(w => w.ToString("R", CultureInfo.InvariantCulture)));
                text.Append(CultureInfo.InvariantCulture, $"    class_weights: [{weights}]\n");
            }

            Files("validation", member.Validation);
            Files("test", member.Test);
        }

        WholeFile.WriteText(path, text.ToString());

        void Files(string key, Dictionary<string, string> files)
        {
            if (files.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {key}:\n");
                foreach (var (file, sha) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
                {
                    text.Append(CultureInfo.InvariantCulture, $"      {Quote(file)}: {sha}\n");
                }
            }
        }

        string Stack() => StackStrength is { } strength
            ? string.Create(CultureInfo.InvariantCulture, $"stack_strength: {strength:R}\nstack_form: {StackForm}\n")
            : "";

        // A JSON string is a YAML string.
        static string Quote(string value) => JsonSerializer.Serialize(value);
    }

    // Both are names of folders below artifacts.
    private EnsembleFile CheckNames(string path)
    {
        Artifacts.CheckName(Dataset, $"dataset in {path}");
        Members.ForEach(m => Artifacts.CheckName(m.Run, $"run in {path}"));
        return this;
    }

    // Finds the path of the first item of a list, or value of a table of files, that is null.
    private static string? FindNull(JsonNode node, string path) => node switch
    {
        JsonObject map => map.Select(p => (p.Value, Path: path.Length == 0 ? p.Key : $"{path}.{p.Key}", IsFile: path.Contains('.', StringComparison.Ordinal)))
            .Select(p => p.Value is null ? (p.IsFile ? p.Path : null) : FindNull(p.Value, p.Path)).FirstOrDefault(found => found is not null),
        JsonArray list => list.Select((item, i) => item is null ? $"{path}[{i}]" : FindNull(item, $"{path}[{i}]")).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static void CheckKeys(string path, JsonNode? node, Type type)
    {
        var known = Json.GetTypeInfo(type).Properties.Select(p => p.Name).ToList();
        if ((node as JsonObject)?.FirstOrDefault(p => !known.Contains(p.Key)) is { Key: { } unknown })
        {
            throw new RefusalException(
                $"{path} is not a valid ensemble: it has the unknown key {unknown}{Spelling.DidYouMean(unknown, known)}, "
                + $"expected only {string.Join(", ", known)}; {RemakeHint}.");
        }
    }

    /// <summary>Compares the hashes of the tables with those in the ensemble's file.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed.</exception>
    public void Verify(string split, ImmutableDictionary<string, ImmutableArray<TableFile>> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        foreach (var member in Members)
        {
            var expected = member.FilesOf(split);
            var present = found.GetValueOrDefault(member.Run, []).ToDictionary(f => f.Path, f => f.Sha256, StringComparer.Ordinal);
            foreach (var (file, sha) in expected)
            {
                if (!present.TryGetValue(file, out var actual) || !string.Equals(actual, sha, StringComparison.Ordinal))
                {
                    throw new RefusalException(
                        $"{file} {(actual is null ? "is missing" : $"has the SHA-256 {actual[..12]}…")}, expected {sha[..Math.Min(12, sha.Length)]}… "
                        + "by the ensemble; restore that table, or search again with sketchflow ensemble.");
                }
            }
        }
    }
}
