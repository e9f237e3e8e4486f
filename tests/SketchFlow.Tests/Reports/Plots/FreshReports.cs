using System.Reflection;
using System.Runtime.Loader;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Tests.Reports.Plots;

/// <summary>SketchFlow.Reports and ScottPlot loaded once more, as in a process that has not drawn anything yet.</summary>
internal sealed class FreshReports() : AssemblyLoadContext(nameof(FreshReports))
{
    private readonly string _folder = Path.GetDirectoryName(typeof(RecallPlot).Assembly.Location)!;

    /// <summary>Gets a type of SketchFlow.Reports.Plots.</summary>
    public Type Plots(string name) =>
        LoadFromAssemblyName(new AssemblyName("SketchFlow.Reports")).GetType($"SketchFlow.Reports.Plots.{name}", throwOnError: true)!;

    /// <summary>Calls a plot's <c>Draw</c>.</summary>
    /// <returns>The PNG that it returned or wrote.</returns>
    public byte[] Draw(string plot, params object?[] arguments)
    {
        var draw = Plots(plot).GetMethod("Draw")!;
        object?[] all = [.. arguments, .. draw.GetParameters().Skip(arguments.Length).Select(p => p.DefaultValue)];
        return (byte[]?)draw.Invoke(null, all) ?? File.ReadAllBytes((string)arguments[0]!);
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name is "SketchFlow.Reports" or "ScottPlot" ? LoadFromAssemblyPath(Path.Combine(_folder, assemblyName.Name + ".dll")) : null;
}
