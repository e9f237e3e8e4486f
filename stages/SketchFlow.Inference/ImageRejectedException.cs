namespace SketchFlow.Inference;

/// <summary>An image that was to be classified alone could not be used. Where there are several, the reason is in the answer instead.</summary>
public sealed class ImageRejectedException : Exception
{
    /// <summary>Reports an image that cannot be used.</summary>
    public ImageRejectedException() : this("The image", "it cannot be used") { }

    /// <summary>Reports an image that cannot be used.</summary>
    /// <param name="message">The message.</param>
    public ImageRejectedException(string message) : base(message) => (Name, Reason) = ("", message);

    /// <summary>Reports an image that cannot be used.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public ImageRejectedException(string message, Exception innerException) : base(message, innerException) => (Name, Reason) = ("", message);

    /// <summary>Reports an image that cannot be used.</summary>
    /// <param name="name">Name of the image.</param>
    /// <param name="reason">The reason as a clause.</param>
    public ImageRejectedException(string name, string reason) : base($"{name} cannot be classified: {reason}.") => (Name, Reason) = (name, reason);

    /// <summary>Name of the image, such as its path.</summary>
    public string Name { get; }

    /// <summary>The reason as a clause, such as <c>no such file</c> or <c>truncated JPEG</c>.</summary>
    public string Reason { get; }
}
