using Mono.Cecil;
using Mono.Cecil.Cil;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests;

/// <summary>Small assemblies in which a type of one namespace uses a type of another in a single way.</summary>
public class AssemblyDependenciesTests
{
    private static readonly Dictionary<string, Action<TypeDefinition, TypeDefinition>> Uses = new(StringComparer.Ordinal)
    {
        ["base type"] = (user, used) => user.BaseType = used,
        ["interface"] = (user, used) => user.Interfaces.Add(new InterfaceImplementation(used)),
        ["attribute of a type"] = (user, used) => user.CustomAttributes.Add(new CustomAttribute(used.Methods.Single())),
        ["constraint"] = (user, used) => user.GenericParameters.Add(new GenericParameter("T", user) { Constraints = { new GenericParameterConstraint(used) } }),
        ["field"] = (user, used) => AddField(user, used),
        ["array"] = (user, used) => AddField(user, new ArrayType(used)),
        ["pointer"] = (user, used) => AddField(user, new PointerType(used)),
        ["type argument"] = (user, used) => AddField(user, new GenericInstanceType(user) { GenericArguments = { new ArrayType(used) } }),
        ["return type"] = (user, used) => AddMethod(user).ReturnType = used,
        ["parameter"] = (user, used) => AddMethod(user).Parameters.Add(new ParameterDefinition(new ByReferenceType(used))),
        ["local variable"] = (user, used) => AddMethod(user).Body.Variables.Add(new VariableDefinition(used)),
        ["typeof"] = (user, used) => AddMethod(user).Body.Instructions.Insert(0, Instruction.Create(OpCodes.Ldtoken, used)),
        ["call"] = (user, used) => AddMethod(user).Body.Instructions.Insert(0, Instruction.Create(OpCodes.Newobj, used.Methods.Single())),
        ["catch"] = (user, used) => AddCatch(AddMethod(user).Body, used),
        ["lambda"] = (user, used) => AddMethod(AddNested(user)).ReturnType = used,
        ["nested type"] = (user, used) => AddField(user, AddNested(used)),
    };

    public static TheoryData<string> Names => [.. Uses.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_way_to_use_a_type_of_another_namespace_is_found(string use) =>
        Assert.Equal([("Sketch.Lower", "Sketch.Upper", "User -> Used")], Edges("Sketch.Upper", Uses[use]));

    [Fact]
    public void Types_that_do_not_use_each_other_have_no_edge() => Assert.Empty(Edges("Sketch.Upper", (_, _) => { }));

    [Theory]
    [InlineData("Sketch.Lower")]
    [InlineData("System.Upper")]
    public void The_same_namespace_and_those_of_others_are_no_edges(string space) => Assert.Empty(Edges(space, Uses["field"]));

    private static List<(string From, string To, string Types)> Edges(string space, Action<TypeDefinition, TypeDefinition> use)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Root, "sample.dll");
        using (var assembly = AssemblyDefinition.CreateAssembly(new AssemblyNameDefinition("sample", new Version(1, 0)), "sample", ModuleKind.Dll))
        {
            var module = assembly.MainModule;
            var user = new TypeDefinition("Sketch.Lower", "User", TypeAttributes.Public, module.TypeSystem.Object);
            var used = new TypeDefinition(space, "Used", TypeAttributes.Public, module.TypeSystem.Object);
            used.Methods.Add(new MethodDefinition(".ctor", MethodAttributes.Public | MethodAttributes.RTSpecialName, module.TypeSystem.Void));
            used.Methods[0].Body.Instructions.Add(Instruction.Create(OpCodes.Ret));
            module.Types.Add(user);
            module.Types.Add(used);
            use(user, used);
            assembly.Write(file);
        }

        return [.. AssemblyDependencies.Edges(file, "Sketch")];
    }

    private static void AddField(TypeDefinition user, TypeReference type) => user.Fields.Add(new FieldDefinition("field", FieldAttributes.Public, type));

    private static void AddCatch(MethodBody body, TypeReference type)
    {
        var (start, handler, end) = (Instruction.Create(OpCodes.Nop), Instruction.Create(OpCodes.Pop), body.Instructions[0]);
        body.Instructions.Insert(0, start);
        body.Instructions.Insert(1, handler);
        body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Catch)
        {
            TryStart = start,
            TryEnd = handler,
            HandlerStart = handler,
            HandlerEnd = end,
            CatchType = type,
        });
    }

    private static TypeDefinition AddNested(TypeDefinition outer)
    {
        var nested = new TypeDefinition("", "Nested", TypeAttributes.NestedPublic, outer.Module.TypeSystem.Object);
        outer.NestedTypes.Add(nested);
        return nested;
    }

    private static MethodDefinition AddMethod(TypeDefinition user)
    {
        var method = new MethodDefinition("Method", MethodAttributes.Public | MethodAttributes.Static, user.Module.TypeSystem.Void);
        method.Body.Instructions.Add(Instruction.Create(OpCodes.Ret));
        user.Methods.Add(method);
        return method;
    }
}
