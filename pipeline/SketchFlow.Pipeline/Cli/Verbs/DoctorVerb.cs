using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Diagnostics;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>doctor</c>: checks the system, fetches libtorch, or patches TorchSharp's library for an older one.</summary>
[Verb(
    "doctor",
    "Check machine, native libraries and device, and say how to fix what is missing.",
    Order = 180,
    Examples = ["sketchflow doctor", "sketchflow doctor --fetch-libtorch"])]
public sealed class DoctorVerb : Verb
{
    private readonly Option<bool> _fix = new("--mend")
    {
        Description = "Apply the fix that needs no root access: remove the symbol version that TorchSharp's library requires but Debian 12 and "
            + "Ubuntu 22.04 lack.",
    };

    private readonly Option<bool> _fetch = new("--fetch-libtorch")
    {
        Description = "Fetch libtorch now, where the program was installed without it: 128 MB from the NuGet sources of NuGet.Config, 463 MB in "
            + "~/.cache/sketchflow (or in XDG_CACHE_HOME). The first command that needs it does the same.",
    };

    private readonly Argument<string?> _folder = new("folder")
    {
        Description = "Folder with libLibTorchSharp.so for --mend; default: the program's folder.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_fetch, _fix, _folder];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => parsed.GetValue(_fetch) ? Fetch()
        : parsed.GetValue(_fix) ? Fix(parsed.GetValue(_folder) ?? AppContext.BaseDirectory)
        : Examine();

    private static int Fetch()
    {
        if (!LibTorch.IsToBeFetched)
        {
            Log($"libtorch is in {LibTorch.Folder ?? AppContext.BaseDirectory}; nothing to fetch.");
            return ExitCode.Done;
        }

        LibTorch.Source!.Fetch();
        return ExitCode.Done;
    }

    private static int Fix(string folder)
    {
        var bridge = Path.Combine(folder, "libLibTorchSharp.so");
        if (!File.Exists(bridge))
        {
            throw new RefusalException($"There is no {bridge}; name the folder of the built program (artifacts/build).");
        }

        var missing = SymbolVersions.SystemLibStdCpp() is { } system ? SymbolVersions.Missing(bridge, system) : [];
        SymbolVersions.Weaken(bridge, missing);
        Log(missing.Length == 0
            ? $"{bridge}: nothing to fix."
            : $"{bridge}: marked {string.Join(", ", missing.Select(m => m.Version))} weak, which this system's libstdc++ lacks and nothing in the file uses.");
        return ExitCode.Done;
    }

    private static int Examine()
    {
        var findings = SystemDiagnosis.Run().ToList();
        Table(findings).Print();
        DescribeFixes(findings).ToList().ForEach(Log);
        var healthy = findings.TrueForAll(f => f.Good != false);
        Log(healthy ? "No problems found." : "Problems found; the lines above say how to fix them.");
        return healthy ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Describes how to fix what is wrong, and how to improve what is not, one line each.</summary>
    internal static IEnumerable<string> DescribeFixes(IReadOnlyList<Finding> findings) =>
        findings.Where(f => f.Fix.Length > 0).Select(f => $"To {(f.Good == false ? "fix" : "improve")} {f.Subject}: {f.Fix}");

    /// <summary>Lays out the findings.</summary>
    internal static TerminalTable Table(IReadOnlyList<Finding> findings)
    {
        var table = new TerminalTable().Text("status").Text("check").Text("found");
        foreach (var finding in findings)
        {
            var status = finding.Good switch
            {
                true => new TableCell("ok", CellStyle.Green),
                false => new TableCell("fix", CellStyle.Red),
                _ => new TableCell("info", CellStyle.Grey),
            };
            table.Row(status, finding.Subject, finding.Found);
        }

        return table;
    }
}
