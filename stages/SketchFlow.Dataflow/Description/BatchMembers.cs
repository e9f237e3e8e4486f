using System.Collections;

namespace SketchFlow.Dataflow.Description;

/// <summary>The members of one batch, which are disposed together with it.</summary>
internal sealed class BatchMembers<T> : IReadOnlyList<T>, IBatchMembers where T : notnull
{
    private readonly T[] _members;

    public BatchMembers(object[] members) => _members = Array.ConvertAll(members, m => (T)m);

    public int Count => _members.Length;

    public T this[int index] => _members[index];

    public IEnumerable<object> Except(object? kept) => _members.Cast<object>().Where(m => !ReferenceEquals(m, kept));

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_members).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
