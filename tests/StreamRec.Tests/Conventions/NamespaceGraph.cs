using Mono.Cecil;
using Mono.Cecil.Cil;

namespace StreamRec.Tests.Conventions;

/// <summary>Which namespace of an assembly knows which, by the compiled code.</summary>
internal sealed class NamespaceGraph
{
    private readonly SortedDictionary<string, SortedSet<string>> _knows = new(StringComparer.Ordinal);

    public NamespaceGraph(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        foreach (var type in module.GetTypes())
        {
            foreach (var known in Known(type))
            {
                Add(type, known);
            }
        }
    }

    public IReadOnlySet<string> KnownBy(string name) => _knows.GetValueOrDefault(name) ?? [];

    /// <summary>Namespaces that reach themselves, each with the way; empty where there is no circle.</summary>
    public IEnumerable<string> Circles() =>
        _knows
            .Keys.Select(start => Way(start, start, []))
            .Where(way => way is not null)
            .Select(way => string.Join(" -> ", way!));

    private List<string>? Way(string from, string to, HashSet<string> seen)
    {
        foreach (var next in KnownBy(from))
        {
            if (next == to)
            {
                return [from, to];
            }
            if (seen.Add(next) && Way(next, to, seen) is { } rest)
            {
                return [from, .. rest];
            }
        }
        return null;
    }

    private void Add(TypeDefinition type, TypeReference known)
    {
        if (known is TypeSpecification shape)
        {
            Add(type, shape.ElementType);
            foreach (var argument in (known as GenericInstanceType)?.GenericArguments ?? [])
            {
                Add(type, argument);
            }
            return;
        }
        if (
            known.Scope == type.Module
            && known is not GenericParameter
            && NameOf(known) is { Length: > 0 } other
            && NameOf(type) is { Length: > 0 } own
            && own != other
            // What a source generator adds has namespaces of its own.
            && other.StartsWith(nameof(StreamRec), StringComparison.Ordinal)
        )
        {
            if (!_knows.TryGetValue(own, out var knows))
            {
                _knows[own] = knows = new(StringComparer.Ordinal);
            }
            knows.Add(other);
        }
    }

    private static string NameOf(TypeReference type) =>
        type.DeclaringType is { } outer ? NameOf(outer) : type.Namespace;

    private static IEnumerable<TypeReference> Known(TypeDefinition type)
    {
        var members = type
            .Fields.Select(field => field.FieldType)
            .Concat(type.Interfaces.Select(contract => contract.InterfaceType))
            .Concat(type.CustomAttributes.Select(attribute => attribute.AttributeType))
            .Concat(type.Methods.SelectMany(Known));
        return type.BaseType is { } parent ? members.Prepend(parent) : members;
    }

    private static IEnumerable<TypeReference> Known(MethodDefinition method)
    {
        var signature = method.Parameters.Select(parameter => parameter.ParameterType).Prepend(method.ReturnType);
        if (!method.HasBody)
        {
            return signature;
        }
        return signature
            .Concat(method.Body.Variables.Select(variable => variable.VariableType))
            .Concat(method.Body.Instructions.SelectMany(Known));
    }

    private static IEnumerable<TypeReference> Known(Instruction instruction) =>
        instruction.Operand switch
        {
            TypeReference type => [type],
            GenericInstanceMethod call => [call.DeclaringType, .. call.GenericArguments],
            MethodReference call => [call.DeclaringType],
            FieldReference field => [field.DeclaringType],
            _ => [],
        };
}
