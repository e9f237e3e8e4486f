using System.Collections.Immutable;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights.TensorFiles;

namespace SketchFlow.Learning.Weights;

/// <summary>Compares the names and shapes of a file with those of a model before any tensor is read.</summary>
internal sealed class StateDictMatcher
{
    // Prefixes that training programs leave in the names, including those of the dictionaries around the model. If a file contains several copies
    // of the model, the first prefix of this list is used; averages come first. timm's own order is state_dict_ema, model_ema, state_dict, model.
    private static readonly ImmutableArray<string> _averages =
        ["state_dict_ema.", "ema_state_dict.", "model_ema_state_dict.", "model_ema.", "ema_model.", "ema.", "teacher."];

    private static readonly ImmutableArray<string> _wrappers =
        ["state_dict.", "model_state_dict.", "model.", "module.", "_orig_mod.", "ema_model.", "net.", "network.", "model_state.", "weights."];

    private static readonly ImmutableArray<string> _prefixes = [.. Wrapped(_averages), .. Wrapped([""])];

    // Words of an unknown prefix that tell an average of the weights from the weights, and those that tell weights from anything else.
    private static readonly ImmutableArray<string> _wordsOfAverages = ["ema", "average", "averaged", "swa"];
    private static readonly ImmutableArray<string> _wordsOfWeights =
    [
        .. _wordsOfAverages, "state", "dict", "weights", "weight", "params", "parameters", "model", "module", "net", "network", "backbone", "encoder",
        "classifier",
    ];

    // Each is compared with all tensors of the model.
    private const int MaxUnknownPrefixes = 100;

    private readonly Architecture _architecture;
    private readonly TensorFile _file;
    private readonly string _firstTensor;
    private readonly List<string> _copies;
    private readonly string _prefix;
    private readonly List<string> _missing = [];
    private readonly List<string> _mismatched = [];
    private readonly List<string> _mismatchedShapes = [];
    private readonly List<string> _resampled = [];
    private readonly List<string> _counters = [];
    private List<string> _newClassifier = [];

    private StateDictMatcher(Architecture architecture, TensorFile file)
    {
        (_architecture, _file) = (architecture, file);
        _firstTensor = $"{architecture.FirstConvolution}.weight";
        _copies = [.. _prefixes.Where(p => file.Find(p + _firstTensor) is not null)];
        if (_copies.Count == 0)
        {
            _copies = FindUnknownPrefixes();
        }

        _prefix = _copies.FirstOrDefault("");
    }

    /// <summary>Returns the differences between the file and the model.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="file">The file.</param>
    /// <param name="strict">Whether missing, unexpected and differently shaped tensors are refused.</param>
    /// <exception cref="RefusalException">The file does not match the model; the message lists the tensors.</exception>
    public static LoadReport Match(Architecture architecture, TensorFile file, bool strict) => new StateDictMatcher(architecture, file).Match(strict);

    private static IEnumerable<string> Wrapped(IEnumerable<string> outer)
    {
        var names = outer.ToList();
        for (var wrappers = 0; wrappers <= 3; wrappers++)
        {
            foreach (var name in names)
            {
                yield return name;
            }

            names = [.. names.SelectMany(name => _wrappers.Select(w => name + w))];
        }
    }

    // Every training program has its own names for the dictionary around the weights. A prefix with a usual word that begins at least half of the model's
    // tensors is one.
    private List<string> FindUnknownPrefixes()
    {
        var prefixes = _file.Tensors.Where(t => t.Name.EndsWith($".{_firstTensor}", StringComparison.Ordinal)).Select(t => t.Name[..^_firstTensor.Length])
            .Where(p => HasWord(p, _wordsOfWeights)).Take(MaxUnknownPrefixes);
        return
        [
            .. prefixes.Select(p => (Prefix: p, Tensors: _architecture.Tensors.Count(t => _file.Find(p + t.Name) is not null)))
                .Where(p => p.Tensors * 2 >= _architecture.Tensors.Length)
                .OrderByDescending(p => HasWord(p.Prefix, _wordsOfAverages))
                .ThenByDescending(p => p.Tensors).ThenBy(p => p.Prefix.Length).Select(p => p.Prefix),
        ];

        static bool HasWord(string prefix, ImmutableArray<string> words) =>
            prefix.Split('.', '_', '-').Any(word => words.Contains(word, StringComparer.OrdinalIgnoreCase));
    }

    private LoadReport Match(bool strict)
    {
        foreach (var spec in _architecture.Tensors)
        {
            MatchTensor(spec);
        }

        var fileClasses = MatchClassifier();
        var container = _file.Find(_prefix + _firstTensor)?.Container ?? "";
        var known = _architecture.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);

        // Tensors in other dictionaries of a checkpoint, such as those of an optimiser, do not belong to the model.
        var otherContainers = _file.Tensors.Where(t => !IsWithin(t.Container, container) && !IsInCopy(t.Name)).Select(t => t.Container)
            .Distinct(StringComparer.Ordinal);
        var others = _file.Tensors.Where(t => IsWithin(t.Container, container)).Select(t => t.Name).Where(n => !IsOfModel(_prefix, n)).ToList();
        var ignoredClassifier = _architecture.Options.Classes == 0
            ? others.FindAll(n => n.StartsWith(_prefix, StringComparison.Ordinal) && _architecture.BelongsToClassifier(n[_prefix.Length..]))
            : [];
        var unexpected = others.Except(ignoredClassifier, StringComparer.Ordinal).Where(n => !IsInCopy(n)).ToList();
        Refuse(strict, unexpected);
        return new LoadReport
        {
            TensorCount = _architecture.Tensors.Length,
            NewClassifier = [.. _newClassifier],
            FileClasses = fileClasses,
            Resampled = [.. _resampled],
            Counters = [.. _counters],
            IgnoredClassifier = [.. ignoredClassifier],
            Prefix = _prefix,
            OtherCopies = [.. _copies.Skip(1)],
            OtherContainers = [.. otherContainers],
            Missing = [.. _missing],
            Unexpected = [.. unexpected],
            Mismatched = [.. _mismatched],
        };

        bool IsOfModel(string prefix, string name) => name.StartsWith(prefix, StringComparison.Ordinal) && known.Contains(name[prefix.Length..]);

        bool IsInCopy(string name) => _copies.Exists(copy => IsOfModel(copy, name));
    }

    private void MatchTensor(TensorSpec spec)
    {
        var inClassifier = _architecture.BelongsToClassifier(spec.Name);
        var found = _file.Find(_prefix + spec.Name);
        if (found is null)
        {
            (inClassifier ? _newClassifier : spec.Role == TensorRole.Counter ? _counters : _missing).Add(spec.Name);
        }
        else if (!found.Shape.SequenceEqual(spec.Shape))
        {
            if (inClassifier && found.Shape.Length == spec.Shape.Length && found.Shape.Skip(1).SequenceEqual(spec.Shape.Skip(1)))
            {
                _newClassifier.Add(spec.Name);
            }
            else if (PositionResampling.Applies(found.Shape, spec))
            {
                _resampled.Add(spec.Name);
            }
            else
            {
                _mismatched.Add(spec.Name);
                _mismatchedShapes.Add($"{spec.Name} ({string.Join(", ", found.Shape)}) instead of ({string.Join(", ", spec.Shape)})");
            }
        }
    }

    /// <summary>
    /// Extends a mismatch of one of its tensors to the whole classifier, which is loaded or re-initialised as a unit, and returns the file's number
    /// of classes.
    /// </summary>
    private long? MatchClassifier()
    {
        if (_newClassifier.Count == 0)
        {
            return null;
        }

        var classes = _newClassifier.Select(name => _file.Find(_prefix + name)).FirstOrDefault(entry => entry is { Shape.Length: > 0 })?.Shape[0];
        _newClassifier = [.. _architecture.Tensors.Select(t => t.Name).Where(_architecture.BelongsToClassifier)];
        return classes;
    }

    private void Refuse(bool strict, List<string> unexpected)
    {
        if (strict && _missing.Count + unexpected.Count + _mismatched.Count > 0)
        {
            string?[] faults = [List("missing", _missing), List("unexpected", unexpected), List("of different shape", _mismatchedShapes)];
            throw new RefusalException($"{_file.Path} does not contain the weights of {_architecture.Name}; {string.Join("; ", faults.OfType<string>())}.");
        }

        if (_missing.Count + _mismatched.Count + _newClassifier.Count + _counters.Count >= _architecture.Tensors.Length)
        {
            var contents = List("it contains", [.. _file.Tensors.Select(t => t.Name)]) ?? "it is empty";
            throw new RefusalException($"{_file.Path} contains no tensor of {_architecture.Name}; {contents}.");
        }
    }

    private static bool IsWithin(string inner, string outer) =>
        inner.StartsWith(outer, StringComparison.Ordinal) && (outer.Length == 0 || inner.Length == outer.Length || inner[outer.Length] == '.');

    /// <summary>Lists the first names, and the number of the others.</summary>
    public static string FirstNames(IReadOnlyCollection<string> names) => names.Count <= 6
        ? string.Join(", ", names.Select(n => PrintableText.Line(n, 100)))
        : $"{string.Join(", ", names.Take(6).Select(n => PrintableText.Line(n, 100)))} and {names.Count - 6} more";

    private static string? List(string label, List<string> names) => names.Count switch
    {
        0 => null,
        _ => $"{label}: {FirstNames(names)}",
    };
}
