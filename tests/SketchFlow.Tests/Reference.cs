namespace SketchFlow.Tests;

/// <summary>The reference data that may lie beside the repository; tests that need it are skipped without.</summary>
internal static class Reference
{
    /// <summary>The folder <c>shared</c> beside or within a folder above the tests.</summary>
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
