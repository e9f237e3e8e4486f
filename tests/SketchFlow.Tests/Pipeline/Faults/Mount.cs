using System.Diagnostics;

namespace SketchFlow.Tests.Pipeline.Faults;

/// <summary>A file system of a few megabytes. A test that needs one is skipped where mounting is not allowed.</summary>
internal sealed class Mount : IDisposable
{
    private Mount(string folder) => Folder = folder;

    /// <summary>Folder of the file system.</summary>
    public string Folder { get; }

    /// <summary>Mounts an empty file system in memory.</summary>
    public static Mount Memory(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        return Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder) ? new Mount(folder) : Skip();
    }

    /// <summary>Makes a folder read-only, for root as well.</summary>
    public static Mount ReadOnly(string folder)
    {
        if (!Run("mount", "--bind", folder, folder))
        {
            return Skip();
        }

        var mount = new Mount(folder);
        Assert.True(Run("mount", "-o", "remount,ro,bind", folder));
        return mount;
    }

    /// <summary>Changes the size.</summary>
    public void Resize(int megabytes) => Assert.True(Run("mount", "-o", $"remount,size={megabytes}m", Folder));

    public void Dispose() => Run("umount", "-l", Folder);

    private static Mount Skip()
    {
        Assert.Skip("mounting is not allowed here");
        return null!;
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
