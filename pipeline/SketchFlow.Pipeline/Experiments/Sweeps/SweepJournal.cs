using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>
/// Journal of a sweep: one line of JSON when the sweep starts, when a trial starts and when one ends, each flushed to disk before the program
/// continues. An incomplete last line, left by a kill, is removed.
/// </summary>
public sealed partial class SweepJournal
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly string _path;
    private readonly SortedDictionary<int, Trial> _trials = [];

    private SweepJournal(string path) => _path = path;

    /// <summary>All trials so far, sorted by number.</summary>
    public IReadOnlyList<Trial> Trials => [.. _trials.Values];

    /// <summary>Opens the journal of a sweep, or starts one.</summary>
    /// <param name="path">File of the journal.</param>
    /// <param name="identity">Identity of the sweep; see <see cref="SweepPlan.Identity"/>.</param>
    /// <exception cref="RefusalException">The journal belongs to another sweep, or is damaged before its last line.</exception>
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
            journal.Parse(line, number, identity);
        }

        return journal;
    }

    /// <summary>Reads the trials of a journal without changing it or comparing its identity; empty if there is no file.</summary>
    /// <param name="path">File of the journal.</param>
    /// <exception cref="RefusalException">A line is damaged.</exception>
    public static IReadOnlyList<Trial> ReadTrials(string path)
    {
        var journal = new SweepJournal(path);
        string[] lines = File.Exists(path) ? File.ReadAllText(path).Split('\n')[..^1] : [];
        for (var i = 0; i < lines.Length; i++)
        {
            journal.Parse(lines[i], i + 1, identity: null);
        }

        return journal.Trials;
    }

    /// <summary>Reads the numbers of the trials that were started, also from a damaged journal; empty if there is no file.</summary>
    /// <param name="path">File of the journal.</param>
    public static IReadOnlyList<int> ReadNumbers(string path) => !File.Exists(path)
        ? []
        : [.. StartedTrial().Matches(File.ReadAllText(path)).Select(m => int.Parse(m.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)).Distinct()];

    /// <summary>Records the start of a trial, or another attempt.</summary>
    /// <param name="number">Number of the trial, from 1.</param>
    /// <param name="units">Point in the unit cube of the searched settings.</param>
    public Trial Begin(int number, double[] units)
    {
        Append(new JsonObject { ["kind"] = "started", ["trial"] = number, ["units"] = JsonSerializer.SerializeToNode(units, _json) });
        return Start(number, units);
    }

    /// <summary>Records the result of a trial.</summary>
    /// <param name="trial">The trial.</param>
    public void End(Trial trial)
    {
        Append(new JsonObject { ["kind"] = "ended", ["trial"] = trial.Number, ["result"] = JsonSerializer.SerializeToNode(trial, _json) });
        _trials[trial.Number] = trial;
    }

    private Trial Start(int number, double[] units)
    {
        var trial = _trials.TryGetValue(number, out var before) ? before with { Attempts = before.Attempts + 1 } : new Trial { Number = number, Units = units };
        _trials[number] = trial;
        return trial;
    }

    private void Parse(string line, int number, string? identity)
    {
        try
        {
            Read(JsonNode.Parse(line) as JsonObject ?? throw new JsonException("it is not an object"), identity);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new RefusalException($"Line {number} of {_path} is damaged. Give another --name, or --overwrite it.", e);
        }
    }

    private void Read(JsonObject line, string? identity)
    {
        switch (line["kind"]?.GetValue<string>())
        {
            case "sweep" when identity is not null && line["identity"]?.GetValue<string>() != identity:
                throw new RefusalException(
                    $"{_path} belongs to another sweep: the file, seed or settings have changed. Give another --name, or --overwrite the old one.");
            case "sweep":
                break;
            case "started":
                Start(Need(line["trial"]?.GetValue<int?>()), Need(line["units"]?.Deserialize<double[]>(_json)));
                break;
            case "ended":
                var trial = Need(line["result"]?.Deserialize<Trial>(_json));
                Need(trial.Units);
                _trials[trial.Number] = trial;
                break;
            default:
                throw new JsonException("unknown kind of line");
        }
    }

    private static T Need<T>(T? value)
        where T : class => value ?? throw new JsonException("a value is missing");

    private static T Need<T>(T? value)
        where T : struct => value ?? throw new JsonException("a value is missing");

    [GeneratedRegex("\"kind\":\"started\",\"trial\":(?<number>[0-9]{1,6}),", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StartedTrial();

    private void Append(JsonObject line)
    {
        using var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(Encoding.UTF8.GetBytes(line.ToJsonString(_json) + "\n"));
        stream.Flush(flushToDisk: true);
    }
}
