namespace SketchFlow.Learning.Weights.Torch;

/// <summary>The objects that a pickle may refer to by name. Unknown names are refused with a <see cref="PickleException"/>.</summary>
internal abstract class PickleResolver
{
    /// <summary>Returns the object for a global name.</summary>
    public abstract object? Find(PickleGlobal global);

    /// <summary>Returns the result of a known global for the given arguments.</summary>
    public abstract object? Call(object? function, object?[] arguments);

    /// <summary>Returns the object for a persistent identifier.</summary>
    public abstract object? LoadPersistent(object? id);

    /// <summary>Sets the state of an object.</summary>
    public abstract void SetState(object? target, object? state);
}
