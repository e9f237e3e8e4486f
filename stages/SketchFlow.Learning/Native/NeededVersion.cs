namespace SketchFlow.Learning.Native;

/// <summary>A symbol version that a shared library needs from another.</summary>
/// <param name="Provider">Soname of the other library, such as <c>libstdc++.so.6</c>.</param>
/// <param name="Version">The version, such as <c>GLIBCXX_3.4.32</c>.</param>
/// <param name="Weak">Whether the loader only warns when the version is missing (VER_FLG_WEAK).</param>
public sealed record NeededVersion(string Provider, string Version, bool Weak);
