using System.Runtime.CompilerServices;
using SketchFlow.Learning.Native;

namespace SketchFlow.Tests.Learning;

/// <summary>
/// Loads libtorch before any test runs. TorchSharp looks for it once, at its first use: a test that used it before
/// <see cref="LibTorch.Load"/> would fail, and so would every later test.
/// </summary>
internal static class NativeLibrariesFirst
{
    [ModuleInitializer]
    internal static void Load() => LibTorch.Load();
}
