namespace SketchFlow.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of <c>SketchFlow.sln</c>, above the tests.</summary>
    public static string Root
    {
        get
        {
            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                if (File.Exists(Path.Combine(at.FullName, "SketchFlow.sln")))
                {
                    return at.FullName;
                }
            }

            throw new DirectoryNotFoundException($"There is no SketchFlow.sln above {AppContext.BaseDirectory}.");
        }
    }
}
