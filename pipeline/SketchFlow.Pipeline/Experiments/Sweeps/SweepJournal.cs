using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>
/// A sweep's memory: a line of JSON when it begins, when a trial begins and when one ends, each on disk before the program goes on. A last line that a
/// kill cut short is cut off.
/// </summary>
public sealed class SweepJournal
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly string _path;
    private readonly SortedDictionary<int, Trial> _trials = [];

    private SweepJournal(string path) => _path = path;

    /// <summary>All trials so far, by their numbers.</summary>
    public IReadOnlyList<Trial> Trials => [.. _trials.Values];

    /// <summary>Opens the journal of a sweep, or begins one.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="identity">What the sweep is; a journal of another one is refused.</param>
    /// <exception cref="RefusalException">The journal is of another sweep, or damaged before its last line.</exception>
    public static SweepJournal Open(string path, string identity)
    {
        var journal = new SweepJournal(path);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            journal.Append(new JsonObject { ["kind"] = "sweep", ["identity"] = identity });
            return journal;
        }

        var text = File.ReadAllText(path);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        if (whole.Length < text.Length)
        {
            WholeFile.WriteText(path, whole);
        }

        if (whole.Length == 0)
        {
            journal.Append(new JsonObject { ["kind"] = "sweep", ["identity"] = identity });
            return journal;
        }

        foreach (var (line, number) in whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((l, i) => (l, i + 1)))
        {
            try
            {
                journal.Take(JsonNode.Parse(line)!.AsObject(), identity);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                throw new RefusalException($"Line {number} of {path} is damaged ({e.Message.TrimEnd('.')}); give the sweep another --name, or --overwrite it.", e);
            }
        }

        return journal;
    }

    /// <summary>A trial begins, or begins again.</summary>
    public Trial Begin(int number, double[] units)
    {
        Append(new JsonObject { ["kind"] = "started", ["trial"] = number, ["units"] = JsonSerializer.SerializeToNode(units, _json) });
        return Began(number, units);
    }

    /// <summary>A trial ended.</summary>
    public void End(Trial trial)
    {
        Append(new JsonObject { ["kind"] = "ended", ["trial"] = trial.Number, ["result"] = JsonSerializer.SerializeToNode(trial, _json) });
        _trials[trial.Number] = trial;
    }

    private Trial Began(int number, double[] units)
    {
        var trial = _trials.TryGetValue(number, out var before) ? before with { Attempts = before.Attempts + 1 } : new Trial { Number = number, Units = units };
        _trials[number] = trial;
        return trial;
    }

    private void Take(JsonObject line, string identity)
    {
        switch (line["kind"]?.GetValue<string>())
        {
            case "sweep" when line["identity"]?.GetValue<string>() != identity:
                throw new RefusalException($"{_path} is of another sweep: its file, seed or settings have changed since; give this one another --name, or --overwrite it.");
            case "sweep":
                break;
            case "started":
                Began(line["trial"]!.GetValue<int>(), line["units"].Deserialize<double[]>(_json)!);
                break;
            case "ended":
                var trial = line["result"].Deserialize<Trial>(_json)!;
                _trials[trial.Number] = trial;
                break;
            default:
                throw new JsonException("its kind is not known");
        }
    }

    private void Append(JsonObject line)
    {
        using var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(Encoding.UTF8.GetBytes(line.ToJsonString(_json) + "\n"));
        stream.Flush(flushToDisk: true);
    }
}
