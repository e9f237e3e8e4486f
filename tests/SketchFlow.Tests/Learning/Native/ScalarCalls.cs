using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace SketchFlow.Tests.Learning.Native;

/// <summary>Calls, in built assemblies, of the functions of TorchSharp that make a scalar and forget it; read from the IL.</summary>
internal sealed class ScalarCalls
{
    private const string Scalar = "TorchSharp.Scalar";

    private readonly HashSet<string> _makers;

    /// <summary>Collects the functions of TorchSharp that make a scalar themselves or call one that does.</summary>
    /// <param name="torchSharp">Path of TorchSharp's assembly.</param>
    public ScalarCalls(string torchSharp)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(torchSharp);
        var calls = Bodies(assembly)
            .Where(m => m.DeclaringType.FullName is not Scalar and not "TorchSharp.ScalarExtensionMethods")
            .ToLookup(m => m.FullName, m => Called(m).ToList(), StringComparer.Ordinal);
        _makers = [.. calls.Where(method => method.Any(called => called.Exists(IsConversion))).Select(m => m.Key)];
        List<string> found;
        do
        {
            found = [.. calls.Where(method => method.Any(called => called.Exists(c => _makers.Contains(c.FullName)))).Select(m => m.Key)];
            found.RemoveAll(_makers.Contains);
            _makers.UnionWith(found);
        }
        while (found.Count > 0);
    }

    /// <summary>Number of functions that make a scalar.</summary>
    public int Makers => _makers.Count;

    /// <summary>Lists the calls in an assembly as <c>Type.Method calls Function</c>.</summary>
    public IEnumerable<string> Find(string assembly)
    {
        using var definition = AssemblyDefinition.ReadAssembly(assembly);
        return
        [
            .. Bodies(definition).SelectMany(method => Called(method)
                .Where(called => IsConversion(called) || _makers.Contains(called.FullName))
                .Select(called => $"{method.DeclaringType.FullName}.{method.Name} calls {called.FullName}")),
        ];
    }

    private static bool IsConversion(MethodReference method) => method.ReturnType.FullName == Scalar && method.Name is "op_Implicit" or "ToScalar";

    private static IEnumerable<MethodDefinition> Bodies(AssemblyDefinition assembly) =>
        assembly.MainModule.GetAllTypes().SelectMany(t => t.Methods).Where(m => m.HasBody);

    private static IEnumerable<MethodReference> Called(MethodDefinition method) =>
        method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>().Select(m => m.GetElementMethod());
}
