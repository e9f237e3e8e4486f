using System.Collections;

namespace SketchFlow.Dataflow;

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
