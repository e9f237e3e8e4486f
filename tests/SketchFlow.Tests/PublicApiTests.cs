using System.Reflection;
using PublicApiGenerator;

namespace SketchFlow.Tests;

/// <summary>Compares the public members of every project with the approved files, so that a reviewer sees every change of the API.</summary>
public class PublicApiTests
{
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        ExcludeAttributes =
        [
            "System.Runtime.CompilerServices.IsReadOnlyAttribute", "System.Runtime.CompilerServices.NullableAttribute",
            "System.Runtime.CompilerServices.NullableContextAttribute", "System.Runtime.CompilerServices.CompilerGeneratedAttribute",
            "System.CodeDom.Compiler.GeneratedCodeAttribute",
        ],
    };

    public static TheoryData<string> Projects() =>
    [
        .. Directory.GetDirectories(Path.Combine(Repository.Root, "stages"), "SketchFlow.*")
            .Select(folder => Path.GetFileName(folder))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_public_API_is_the_approved_one(string project) =>
        ApprovedText.Matches(Path.Combine("api", project + ".txt"), Assembly.Load(new AssemblyName(project)).GeneratePublicApi(Options));
}
