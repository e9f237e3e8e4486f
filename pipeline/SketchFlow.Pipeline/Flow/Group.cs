using System.Collections;

namespace SketchFlow.Pipeline.Flows;

/// <summary>The members of one batch, which live and die with it.</summary>
internal sealed class Group<T> : IReadOnlyList<T>, IGroup where T : notnull
{
    private readonly T[] _members;

    public Group(object[] members) => _members = Array.ConvertAll(members, m => (T)m);

    public int Count => _members.Length;

    public T this[int index] => _members[index];

    public IEnumerable<object> Except(object? kept) => _members.Cast<object>().Where(m => !ReferenceEquals(m, kept));

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_members).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A value that consists of values.</summary>
internal interface IGroup
{
    /// <summary>The members but for <paramref name="kept"/>, which a batch function may have returned as its result.</summary>
    IEnumerable<object> Except(object? kept);
}
