using System.Net;

namespace SketchFlow.Pipeline.Serving.Queue;

/// <summary>Settings of a server.</summary>
internal sealed record ServerOptions
{
    /// <summary>Address to listen on. Other computers reach any address but a loopback one, and then <see cref="Token"/> is required.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on; 0 is any free one.</summary>
    public int Port { get; init; } = 8000;

    /// <summary>Secret that clients send as <c>Authorization: Bearer TOKEN</c>; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Number of classes per answer where a request does not say.</summary>
    public int Top { get; init; } = 5;

    /// <summary>Largest number of images per batch; null is the engine's, at most 32.</summary>
    public int? MaxBatch { get; init; }

    /// <summary>Longest time that an image waits for others while the engine is idle.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Largest body of a request, bytes.</summary>
    public long MaxBytes { get; init; } = 32L << 20;

    /// <summary>Largest number of pixels of an image; null is the trained model's.</summary>
    public long? MaxPixels { get; init; }

    /// <summary>Largest number of images that are accepted and not yet answered.</summary>
    public int MaxQueue { get; init; } = 256;

    /// <summary>Largest number of bytes of all bodies together, also of those that are still arriving.</summary>
    public long MaxHeldBytes { get; init; } = 256L << 20;

    /// <summary>Largest number of requests per second and client address; null for any number.</summary>
    public int? Rate { get; init; }

    /// <summary>Longest time in which a body must have arrived.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time for answering what was accepted, once the server is to stop.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the engine computes an image before the first request, which otherwise waits for the compiler.</summary>
    public bool WarmsUp { get; init; }

    /// <summary>Whether other computers can reach the server.</summary>
    public bool IsOpen => !IPAddress.IsLoopback(Address);
}
