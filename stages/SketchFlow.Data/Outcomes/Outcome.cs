namespace SketchFlow.Data.Outcomes;

/// <summary>The result of a stage for one item: a value, or a rejection.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public readonly struct Outcome<T> : IEquatable<Outcome<T>>
{
    private readonly T _value;

    private Outcome(T value, Rejected? rejection) => (_value, Rejection) = (value, rejection);

    /// <summary>The rejection; null where there is a value.</summary>
    public Rejected? Rejection { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsValue => Rejection is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">The item was rejected.</exception>
    public T Value => Rejection is null ? _value : throw new InvalidOperationException($"The item has no value, since it was rejected: {Rejection}.");

    /// <summary>Wraps a value.</summary>
    public static Outcome<T> From(T value) => new(value, null);

    /// <summary>Wraps a rejection.</summary>
    public static Outcome<T> Reject(Rejected rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        return new(default!, rejection);
    }

    /// <summary>Converts a value to an outcome.</summary>
    public static implicit operator Outcome<T>(T value) => From(value);

    /// <summary>Converts a rejection to an outcome.</summary>
    public static implicit operator Outcome<T>(Rejected rejection) => Reject(rejection);

    /// <inheritdoc/>
    public bool Equals(Outcome<T> other) => Equals(Rejection, other.Rejection) && EqualityComparer<T>.Default.Equals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Outcome<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rejection, _value);

    /// <summary>Compares by value.</summary>
    public static bool operator ==(Outcome<T> left, Outcome<T> right) => left.Equals(right);

    /// <summary>Compares by value.</summary>
    public static bool operator !=(Outcome<T> left, Outcome<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Rejection is null ? $"{_value}" : $"rejected {Rejection}";
}
