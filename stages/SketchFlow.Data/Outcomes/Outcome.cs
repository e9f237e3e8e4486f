namespace SketchFlow.Data.Outcomes;

/// <summary>What a stage makes of one item: a value, or a rejection.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public readonly struct Outcome<T> : IEquatable<Outcome<T>>
{
    private readonly T _value;

    private Outcome(T value, Rejected? rejection) => (_value, Rejection) = (value, rejection);

    /// <summary>Why there is no value; null where there is one.</summary>
    public Rejected? Rejection { get; }

    /// <summary>True where there is a value.</summary>
    public bool IsValue => Rejection is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">The item was rejected.</exception>
    public T Value => Rejection is null ? _value : throw new InvalidOperationException($"There is no value: {Rejection}.");

    /// <summary>Wraps a value.</summary>
    public static Outcome<T> From(T value) => new(value, null);

    /// <summary>Wraps a rejection.</summary>
    public static Outcome<T> Reject(Rejected rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        return new(default!, rejection);
    }

    /// <summary>A value is an outcome.</summary>
    public static implicit operator Outcome<T>(T value) => From(value);

    /// <summary>A rejection is an outcome.</summary>
    public static implicit operator Outcome<T>(Rejected rejection) => Reject(rejection);

    /// <inheritdoc/>
    public bool Equals(Outcome<T> other) => Equals(Rejection, other.Rejection) && EqualityComparer<T>.Default.Equals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Outcome<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rejection, _value);

    /// <summary>Value equality.</summary>
    public static bool operator ==(Outcome<T> left, Outcome<T> right) => left.Equals(right);

    /// <summary>Value inequality.</summary>
    public static bool operator !=(Outcome<T> left, Outcome<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Rejection is null ? $"{_value}" : $"rejected {Rejection}";
}
