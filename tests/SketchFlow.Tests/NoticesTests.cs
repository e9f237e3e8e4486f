using System.Text.Json;

namespace SketchFlow.Tests;

/// <summary>THIRD-PARTY-NOTICES.md names every package that the program links to or ships.</summary>
public class NoticesTests
{
    [Fact]
    public void Every_package_of_the_program_has_its_licence_in_the_notices()
    {
        var notices = File.ReadAllText(Path.Combine(Repository.Root, "THIRD-PARTY-NOTICES.md"));
        using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "pipeline", "SketchFlow.Pipeline", "packages.lock.json")));
        var packages = locked.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => package.Name)
            // Analysers run in the compiler and are not shipped.
            .Where(name => !name.Contains("Analyzer", StringComparison.Ordinal))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Contains("TorchSharp", packages);
        var named = notices.Split(['|', ',', '\n', ' '], StringSplitOptions.TrimEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Empty(packages.Except(named, StringComparer.OrdinalIgnoreCase));
    }
}
