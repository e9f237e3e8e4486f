namespace SketchFlow.Tests;

/// <summary>Reference data next to the repository; tests that need it are skipped where it is absent.</summary>
internal static class Reference
{
    /// <summary>Folder <c>shared</c> in one of the folders above the tests.</summary>
    public static string Folder
    {
        get
        {
            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                var shared = Path.Combine(at.FullName, "shared");
                if (File.Exists(Path.Combine(shared, "REPORT.md")))
                {
                    return shared;
                }
            }

            Assert.Skip("no reference data");
            return "";
        }
    }
}
