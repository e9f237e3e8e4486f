using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace SketchFlow.Tests;

/// <summary>Dependencies between namespaces, read from the IL of a built assembly, so that no <c>using</c> or alias hides one.</summary>
/// <remarks>
/// A nested type, and so a lambda or an iterator, counts for its outermost type. Constants of other types are inlined by the compiler and do not
/// appear.
/// </remarks>
internal static class AssemblyDependencies
{
    /// <summary>Lists the edges between namespaces that start with a prefix, each with the types that cause it (<c>User -> Used</c>).</summary>
    /// <param name="assembly">Path of the assembly.</param>
    /// <param name="prefix">Prefix of the namespaces.</param>
    public static IEnumerable<(string From, string To, string Types)> Edges(string assembly, string prefix)
    {
        using var definition = AssemblyDefinition.ReadAssembly(assembly);
        var edges = new HashSet<(string, string, string)>();
        foreach (var type in definition.MainModule.GetAllTypes())
        {
            var user = Outermost(type);
            foreach (var used in References(type).SelectMany(Parts).Select(Outermost))
            {
                if (user.Namespace != used.Namespace && IsOurs(user) && IsOurs(used))
                {
                    edges.Add((user.Namespace, used.Namespace, $"{user.Name} -> {used.Name}"));
                }
            }
        }

        return edges;

        bool IsOurs(TypeReference type) => type.Namespace.StartsWith(prefix, StringComparison.Ordinal);
    }

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type;
    }

    // The element types and type arguments of a constructed type.
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        FunctionPointerType pointer => Signature(pointer).SelectMany(Parts),
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
        IModifierType modified => Parts(modified.ModifierType).Concat(Parts(modified.ElementType)),
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };

    private static IEnumerable<TypeReference> References(TypeDefinition type) =>
    [
        .. type.BaseType is { } parent ? [parent] : Array.Empty<TypeReference>(),
        .. type.Interfaces.Select(i => i.InterfaceType),
        .. Attributes(type),
        .. Constraints(type),
        .. type.Fields.SelectMany(f => Attributes(f).Append(f.FieldType)),
        .. type.Properties.SelectMany(Attributes),
        .. type.Methods.SelectMany(References),
    ];

    private static IEnumerable<TypeReference> References(MethodDefinition method) =>
    [
        .. Signature(method),
        .. Attributes(method),
        .. Constraints(method),
        .. method.Parameters.SelectMany(Attributes),
        .. method.HasBody ? References(method.Body) : [],
    ];

    private static IEnumerable<TypeReference> References(MethodBody body) =>
    [
        .. body.Variables.Select(v => v.VariableType),
        .. body.ExceptionHandlers.Where(h => h.CatchType is not null).Select(h => h.CatchType),
        .. body.Instructions.SelectMany(i => i.Operand switch
        {
            TypeReference type => [type],
            FieldReference field => [field.DeclaringType, field.FieldType],
            GenericInstanceMethod method => [method.DeclaringType, .. Signature(method), .. method.GenericArguments],
            MethodReference method => [method.DeclaringType, .. Signature(method)],
            CallSite call => Signature(call),
            _ => Array.Empty<TypeReference>(),
        }),
    ];

    private static IEnumerable<TypeReference> Signature(IMethodSignature method) => [method.ReturnType, .. method.Parameters.Select(p => p.ParameterType)];

    private static IEnumerable<TypeReference> Constraints(IGenericParameterProvider provider) =>
        provider.GenericParameters.SelectMany(p => p.Constraints).Select(c => c.ConstraintType);

    private static IEnumerable<TypeReference> Attributes(ICustomAttributeProvider provider) => provider.CustomAttributes.SelectMany(a =>
        a.ConstructorArguments.SelectMany(x => x.Value is TypeReference type ? [x.Type, type] : (TypeReference[])[x.Type]).Append(a.AttributeType));
}
