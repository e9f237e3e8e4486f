using System.Runtime.InteropServices;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Augmentation.Tone;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Lookup tables.</summary>
public sealed class LookupTablesTests
{
    [Fact]
    public void Every_level_is_mapped_by_its_table_entry()
    {
        var table = TestImages.RandomImage(256, 1, 1, 3).Bytes;
        var bytes = TestImages.RandomImage(1000, 1, 1, 4).Bytes;
        var mapped = new byte[bytes.Length];
        LookupTables.Apply(bytes, mapped, table);
        Assert.Equal(bytes.Select(b => table[b]), mapped);
    }
}
