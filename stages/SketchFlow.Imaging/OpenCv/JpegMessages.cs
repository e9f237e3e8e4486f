using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenCvSharp;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>Collects the warnings of the libjpeg-turbo inside OpenCV, which otherwise prints them on standard error and decodes what it can.</summary>
/// <remarks>
/// libjpeg reports missing or corrupt data as warnings through function pointers, which its users get from <c>jpeg_std_error</c> and OpenCV leaves
/// as they are. Libraries call that function through a table of addresses (the procedure linkage table of the ELF format), and the entry of
/// OpenCV's library is set to <see cref="StandardErrors"/> here: no bytes are decoded twice and no time is lost, and the messages belong to the thread
/// that decodes. Decoding through a libjpeg-turbo of the system took the same time, and a check of the entropy-coded data in C# as much again as
/// half of the decoding (docs/measurements/imaging.md).
/// </remarks>
internal static unsafe class JpegMessages
{
    // struct jpeg_error_mgr of libjpeg's jpeglib.h, the same in all versions: five function pointers, the message's code, its parameters.
    private const int EmitMessage = 8;
    private const int OutputMessage = 16;
    private const int FormatMessage = 24;
    private const int Warnings = 128;
    private const int LongestMessage = 200;

    private static readonly delegate* unmanaged<nint, nint> Original;

    [ThreadStatic]
    private static List<string>? t_messages;

    static JpegMessages()
    {
        // The library is loaded by its first call.
        _ = Cv2.GetVersionString();
        foreach (var library in LoadedLibrary.Named("OpenCvSharpExtern"))
        {
            if (library.FindImport("jpeg_std_error") is var slot and not 0)
            {
                // Lazy binding leaves the table's own code in the entry, which the exported function replaces.
                Original = (delegate* unmanaged<nint, nint>)library.Export("jpeg_std_error");
                IsCollecting = Original is not null;
                if (IsCollecting)
                {
                    *(nint*)slot = (nint)(delegate* unmanaged<nint, nint>)&StandardErrors;
                }
            }
        }
    }

    /// <summary>Whether warnings are collected; false where the library is built in another way.</summary>
    public static bool IsCollecting { get; }

    /// <summary>Forgets the messages of the calling thread; called before decoding.</summary>
    public static void Clear() => t_messages?.Clear();

    /// <summary>Messages of the calling thread since <see cref="Clear"/>, at most a few; empty for an intact file.</summary>
    public static IReadOnlyList<string> Read() => t_messages is { Count: > 0 } list ? list : [];

    [UnmanagedCallersOnly]
    private static nint StandardErrors(nint manager)
    {
        var result = Original(manager);
        *(nint*)(manager + EmitMessage) = (nint)(delegate* unmanaged<nint, int, void>)&Emit;
        *(nint*)(manager + OutputMessage) = (nint)(delegate* unmanaged<nint, void>)&Ignore;
        return result;
    }

    // Negative levels are warnings about the data, others are traces.
    [UnmanagedCallersOnly]
    private static void Emit(nint codec, int level)
    {
        if (level < 0)
        {
            Add(codec);
        }
    }

    [UnmanagedCallersOnly]
    private static void Ignore(nint codec)
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(nint codec)
    {
        var manager = *(nint*)codec;
        *(nint*)(manager + Warnings) += 1;
        var text = stackalloc byte[LongestMessage + 1];
        ((delegate* unmanaged<nint, byte*, void>)(*(nint*)(manager + FormatMessage)))(codec, text);
        var messages = t_messages ??= [];
        var message = Marshal.PtrToStringUTF8((nint)text) ?? "";

        // Corrupt data can give a warning for every block; each kind is kept once.
        if (messages.Count < 20 && !messages.Contains(message))
        {
            messages.Add(message);
        }
    }
}
