using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>An ensemble that can be made again: <c>artifacts/ensembles/NAME.yaml</c>.</summary>
public sealed record EnsembleFile
{
    /// <summary>The data set.</summary>
    public string Dataset { get; init; } = "";

    /// <summary>How it was found.</summary>
    public string Method { get; init; } = "";

    /// <summary>How members become one vote: soft, logits, rank, hard, perclass or stacked.</summary>
    public string Combine { get; init; } = "soft";

    /// <summary>Strength of a stack's penalty; with it the stack is fitted again on the validation tables, to the same coefficients.</summary>
    public double? StackStrength { get; init; }

    /// <summary>What a stacked class looks at: full or ownclass.</summary>
    public string? StackForm { get; init; }

    /// <summary>What was searched for.</summary>
    public string Aim { get; init; } = "";

    /// <summary>Top-1 on validation.</summary>
    public double ValAccuracy { get; init; }

    /// <summary>Mean cross entropy on validation.</summary>
    public double ValLogLoss { get; init; }

    /// <summary>The members, in ordinal order of their runs.</summary>
    public List<EnsembleMember> Members { get; init; } = [];

    /// <summary>Where the ensemble of that name is kept.</summary>
    public static string PathOf(Artifacts artifacts, string name) => Path.Combine(artifacts.Root, "ensembles", $"{name}.yaml");

    /// <summary>Reads an ensemble back.</summary>
    /// <exception cref="RefusalException">There is no such file, or it is no ensemble.</exception>
    public static EnsembleFile Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new RefusalException($"There is no ensemble {path}; make one with sketchflow ensemble.");
        }

        try
        {
            var file = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).Build().Deserialize<EnsembleFile?>(File.ReadAllText(path));
            return file is { Members.Count: > 0, Dataset.Length: > 0 } && file.Members.All(m => m.Run.Length > 0)
                ? file
                : throw new RefusalException($"{path} names no data set or no members, expected both; make it again with sketchflow ensemble.");
        }
        catch (YamlException e)
        {
            throw new RefusalException($"{path} is no ensemble: line {e.Start.Line}, {e.InnerException?.Message ?? e.Message}; make it again with sketchflow ensemble.", e);
        }
    }

    /// <summary>Writes the ensemble, whole or not at all; numbers so that they read back to the last bit.</summary>
    public void Save(string path)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# sketchflow ensemble --from {Path.GetFileName(path)} makes the same submission from the same tables.\n");
        text.Append(CultureInfo.InvariantCulture, $"dataset: {Quote(Dataset)}\nmethod: {Quote(Method)}\ncombine: {Combine}\n{Stack()}aim: {Quote(Aim)}\nval_accuracy: {ValAccuracy:R}\nval_log_loss: {ValLogLoss:R}\nmembers:\n");
        foreach (var member in Members)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - run: {Quote(member.Run)}\n    model: {Quote(member.Model)}\n    weight: {member.Weight:R}\n    temperature: {member.Temperature:R}\n");
            if (member.ClassWeights.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"    class_weights: [{string.Join(", ", member.ClassWeights.Select(w => w.ToString("R", CultureInfo.InvariantCulture)))}]\n");
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

        string Stack() => StackStrength is { } strength ? string.Create(CultureInfo.InvariantCulture, $"stack_strength: {strength:R}\nstack_form: {StackForm}\n") : "";

        // A JSON string is a YAML string.
        static string Quote(string value) => JsonSerializer.Serialize(value);
    }

    /// <summary>Holds the tables that are there against those that the ensemble was made of.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed.</exception>
    public void Verify(string split, ImmutableDictionary<string, ImmutableArray<TableFile>> found)
    {
        foreach (var member in Members)
        {
            var expected = string.Equals(split, RunLogits.Validation, StringComparison.Ordinal) ? member.Validation : member.Test;
            var present = found.GetValueOrDefault(member.Run, []).ToDictionary(f => f.Path, f => f.Sha256, StringComparer.Ordinal);
            foreach (var (file, sha) in expected)
            {
                if (!present.TryGetValue(file, out var actual) || !string.Equals(actual, sha, StringComparison.Ordinal))
                {
                    throw new RefusalException(
                        $"{file} {(actual is null ? "is missing" : $"has the SHA-256 {actual[..12]}…")}, expected {sha[..Math.Min(12, sha.Length)]}… by the ensemble; restore that table, or search again with sketchflow ensemble.");
                }
            }
        }
    }
}
