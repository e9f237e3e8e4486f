using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.TrainedModels;

/// <summary>
/// Finds what a name stands for wherever a trained model is named: a run, an ensemble, pretrained weights or a file, tried in this order. A name of several
/// of them is refused with the exact names; <c>run:NAME</c>, <c>ensemble:NAME</c>, <c>timm/MODEL.TAG</c> and <c>./FILE</c> name one kind alone.
/// </summary>
/// <param name="artifacts">The folder of all output.</param>
/// <param name="option">The option that gives the names, for messages.</param>
public sealed class TrainedModelNames(Artifacts artifacts, string option = "--run")
{
    private const int Shown = 5;
    private const string Fold = ".fold-";

    /// <summary>Finds a trained model.</summary>
    /// <param name="name">The name, or a path.</param>
    /// <exception cref="UsageException">The name has several meanings, or is no name.</exception>
    /// <exception cref="RefusalException">Nothing has this name; the message names the nearest.</exception>
    public TrainedModel Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        RefuseNull(name);
        if (WithPrefix(name) is { } exact)
        {
            return exact;
        }

        TrainedModel[] found = [.. Candidates(name).OfType<TrainedModel>()];
        return found switch
        {
            [var one] => one,
            [] => FindDefaultTag(name) ?? throw Unknown(name),
            _ => throw new UsageException(
                $"{option} {name} is {string.Join(" and ", found.Select(f => f.Kind))}; write {string.Join(" or ", found.Select(f => f.ExactName))}."),
        };
    }

    /// <summary>Lists the trained runs, newest first.</summary>
    /// <exception cref="RefusalException">There are none.</exception>
    public IReadOnlyList<RunFolder> TrainedRuns() => artifacts.AllRuns() is { Count: > 0 } runs
        ? runs
        : throw new RefusalException($"There are no trained runs in {artifacts.Runs}; train one first: sketchflow train.");

    /// <summary>Finds a whole run with weights where only such runs are accepted.</summary>
    /// <param name="name">Name of the run, or the path of its folder.</param>
    /// <param name="instead">A sentence on what to do with a model of another kind.</param>
    /// <exception cref="UsageException">The name is of something else, or has several meanings.</exception>
    /// <exception cref="RefusalException">Nothing has this name; the message names the nearest.</exception>
    public RunFolder FindRun(string name, string instead)
    {
        ArgumentNullException.ThrowIfNull(name);
        RefuseNull(name);
        // A run is meant wherever one has the name.
        if (!name.StartsWith(TrainedEnsemble.Prefix, StringComparison.Ordinal) && Run(WithoutPrefix(name, TrainedRun.Prefix)) is { } run)
        {
            return run.Folder.Fold is not null ? throw new UsageException($"{option} {name} is one fold, expected a whole run; name the run {run.Folder.Run}.")
                : run.Folder.Trained.Count > 0 ? run.Folder
                : throw new RefusalException($"The run {name} has no weights yet; train it first, or continue it with sketchflow train --resume --run {name}.");
        }

        var found = name.StartsWith(TrainedRun.Prefix, StringComparison.Ordinal)
            ? null
            : WithPrefix(name) ?? Candidates(name).OfType<TrainedModel>().FirstOrDefault();
        return found is null
            ? throw Unknown(Artifacts.CheckName(WithoutPrefix(name, TrainedRun.Prefix), option), "run", [.. Runs()])
            : throw new UsageException($"{option} {name} is {found.Kind}, expected a run; {instead}");
    }

    /// <summary>Returns the file of a saved ensemble, given by its name or its path (<c>.yaml</c>).</summary>
    /// <exception cref="UsageException">The name is no file name.</exception>
    /// <exception cref="RefusalException">There is no such ensemble; the message names the nearest.</exception>
    public string FindEnsembleFile(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        RefuseNull(name);
        name = WithoutPrefix(name, TrainedEnsemble.Prefix);
        return Ensemble(name)?.File ?? throw Unknown(Artifacts.CheckName(name, option), "ensemble", [.. AllEnsembles()]);
    }

    /// <summary>Whether a name that is no file or folder names a trained model.</summary>
    /// <param name="name">The name.</param>
    public bool Exists(string name)
    {
        try
        {
            return !Path.Exists(name) && Find(name) is not TrainedFile;
        }
        catch (Exception e) when (e is RefusalException or UsageException)
        {
            return false;
        }
    }

    /// <summary>Finds a saved ensemble; null if there is none of this name.</summary>
    /// <param name="name">Name or path of the ensemble.</param>
    public TrainedEnsemble? TryFindEnsemble(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Ensemble(WithoutPrefix(name, TrainedEnsemble.Prefix));
    }

    /// <summary>Describes that no run of a list has a name, with the nearest.</summary>
    /// <param name="name">The name that was written.</param>
    /// <param name="kind">Kind of the names, in the singular.</param>
    /// <param name="known">Existing names.</param>
    public static RefusalException Unknown(string name, string kind, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (known.Count == 0)
        {
            var first = kind == "ensemble" ? "sketchflow ensemble makes one" : "sketchflow train makes one";
            return new RefusalException($"No {kind} named {name}: there are none yet; {first}.");
        }

        var near = Nearest(name, known);
        var rest = known.Count > near.Length ? $" and {known.Count - near.Length} more (sketchflow runs lists all runs)" : "";
        return new RefusalException(
            $"No {kind} named {name}{DidYouMean(name, known)}; the nearest of {known.Count}: {string.Join(", ", near)}{(kind == "run" ? rest : "")}.");
    }

    // .NET refuses such paths with an exception of its own.
    private void RefuseNull(string name)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            throw new UsageException($"{option}: '{name}' has a null character, expected a name or a path.");
        }
    }

    private static string WithoutPrefix(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;

    private TrainedModel? WithPrefix(string name)
    {
        if (name.StartsWith(TrainedRun.Prefix, StringComparison.Ordinal))
        {
            var run = name[TrainedRun.Prefix.Length..];
            return Run(run) ?? throw Unknown(run, "run", [.. Runs()]);
        }

        if (name.StartsWith(TrainedEnsemble.Prefix, StringComparison.Ordinal))
        {
            var ensemble = name[TrainedEnsemble.Prefix.Length..];
            return Ensemble(ensemble) ?? throw Unknown(ensemble, "ensemble", [.. AllEnsembles()]);
        }

        if (name.StartsWith(TrainedFile.Prefix, StringComparison.Ordinal))
        {
            var file = name[TrainedFile.Prefix.Length..];
            return Path.Exists(file) ? new TrainedFile(file) : throw new RefusalException($"{option}: there is no file or folder {file}.");
        }

        return null;
    }

    private IEnumerable<TrainedModel?> Candidates(string name) => [Run(name), Ensemble(name), Tag(name), WeightsAt(name)];

    private TrainedRun? Run(string name)
    {
        if (IsPath(name))
        {
            var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
            return RunAt(Path.GetFileName(path) == "recipe.yaml" ? Path.GetDirectoryName(path)! : path);
        }

        if (!IsFileName(name))
        {
            return null;
        }

        var run = new RunFolder(Path.Combine(artifacts.Runs, name));
        if (IsRun(run))
        {
            return new TrainedRun(run);
        }

        var at = name.LastIndexOf(Fold, StringComparison.Ordinal);
        return at > 0 && int.TryParse(name[(at + Fold.Length)..], System.Globalization.CultureInfo.InvariantCulture, out var k) && k >= 0
            && new RunFolder(Path.Combine(artifacts.Runs, name[..at])).ForFold(k) is var fold && File.Exists(fold.Recipe)
            ? new TrainedRun(fold)
            : null;
    }

    // A folder of a run, or of a fold within one, as completed by a shell.
    private static TrainedRun? RunAt(string path)
    {
        var run = new RunFolder(path);
        if (!Directory.Exists(path) || !IsRun(run))
        {
            return null;
        }

        return Path.GetDirectoryName(path) is { } parent
            && new RunFolder(parent).Folds.FirstOrDefault(f => string.Equals(f.Folder, path, StringComparison.Ordinal)) is { } fold
            ? new TrainedRun(fold)
            : new TrainedRun(run);
    }

    private TrainedEnsemble? Ensemble(string name)
    {
        if (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase))
        {
            return File.Exists(name) && Path.GetFileName(name) != "recipe.yaml" ? new TrainedEnsemble(Path.GetFileNameWithoutExtension(name), name) : null;
        }

        return IsFileName(name) && EnsembleFile.PathOf(artifacts, name) is var file && File.Exists(file) ? new TrainedEnsemble(name, file) : null;
    }

    private static TrainedTag? Tag(string name) =>
        (name.Contains('.', StringComparison.Ordinal) || name.Contains("timm/", StringComparison.Ordinal)) && Pretrained.Find(name) is { } tag
            ? new TrainedTag(tag)
            : null;

    // A model without a tag means timm's default one, unless something else has the name.
    private static TrainedTag? FindDefaultTag(string name) => Pretrained.Find(name) is { } tag ? new TrainedTag(tag) : null;

    private static TrainedFile? WeightsAt(string name) =>
        name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) ? null
        : File.Exists(name) || (Directory.Exists(name) && WeightsFile.FindIn(name) is not null) ? new TrainedFile(WithoutPrefix(name, "./"))
        : null;

    private static bool IsPath(string name) => name.AsSpan().ContainsAny('/', Path.DirectorySeparatorChar);

    private static bool IsRun(RunFolder run) => File.Exists(run.Recipe) || run.Trained.Count > 0;

    private static bool IsFileName(string name) =>
        name is not ("" or "." or ".." or Artifacts.LocksFolder or Artifacts.ReplacedFolder or Artifacts.DeletedFolder)
        && name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) < 0 && !IsPath(name);

    private IEnumerable<string> Runs() => artifacts.AllRuns().Select(r => r.Name);

    /// <summary>Lists the names of all saved ensembles.</summary>
    public IEnumerable<string> AllEnsembles()
    {
        var folder = Path.GetDirectoryName(EnsembleFile.PathOf(artifacts, "x"))!;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!) : [];
    }

    private RefusalException Unknown(string name)
    {
        if (IsPath(name) || Path.HasExtension(name) && (WeightsFile.IsUsualName(name) || name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)))
        {
            return new RefusalException($"{option}: there is no file or folder {name}.");
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && Pretrained.TagsFor(name[..dot]) is { IsEmpty: false } tags)
        {
            var near = string.Join(", ", Nearest(name[(dot + 1)..], [.. tags.Select(t => t.Tag)]));
            return new RefusalException(
                $"timm has no weights '{name[(dot + 1)..]}' for {name[..dot]}; the nearest of {tags.Length}: {near} "
                + $"(sketchflow models info {name[..dot]} lists all).");
        }

        string[] runs = [.. Runs()];
        string[] ensembles = [.. AllEnsembles()];
        if (runs.Length + ensembles.Length == 0)
        {
            return new RefusalException(
                $"No run, ensemble, pretrained model or file named {name}, and no run in {artifacts.Runs} yet; train one with sketchflow train, "
                + "or name pretrained weights such as resnet18.a1_in1k.");
        }

        string[] known = [.. runs, .. ensembles];
        var nearest = Nearest(name, [.. known.Distinct(StringComparer.Ordinal)])
            .Select(n => $"{n}{(runs.Contains(n, StringComparer.Ordinal) ? "" : " (ensemble)")}");
        return new RefusalException(
            $"No run, ensemble, pretrained model or file named {name}{DidYouMean(name, known)}; the nearest of {known.Length}: "
            + $"{string.Join(", ", nearest)} (sketchflow runs lists all runs).");
    }

    private static string[] Nearest(string name, IReadOnlyCollection<string> known) => [.. Spelling.Nearest(name, known, Shown)];

    private static string DidYouMean(string name, IReadOnlyCollection<string> known) => Spelling.DidYouMean(name, known);
}
