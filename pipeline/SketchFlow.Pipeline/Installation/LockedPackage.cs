namespace SketchFlow.Pipeline.Installation;

/// <summary>A NuGet package in one version with known content.</summary>
/// <param name="Id">Name of the package.</param>
/// <param name="Version">Version of the package.</param>
/// <param name="ContentHash">SHA-512 of its content without signatures, in Base64, as in NuGet's lock files.</param>
public sealed record LockedPackage(string Id, string Version, string ContentHash);
