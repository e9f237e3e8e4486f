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

namespace SketchFlow.Tests.Imaging.Inspection;

/// <summary>The arrangement of contact sheets.</summary>
public sealed class ContactSheetTests
{
    [Fact]
    public void Many_rows_are_arranged_in_bands_side_by_side()
    {
        Assert.Equal(1, ContactSheet.BandCount(rows: 3, cells: 5, side: 64));
        var bands = ContactSheet.BandCount(rows: 45, cells: 4, side: 64);
        Assert.InRange(bands, 2, 5);
        using var drawing = TestImages.Drawing(64, 64);
        var rows = Enumerable.Range(0, 45).Select(i => (IReadOnlyList<(string, Pixels)>)[.. Enumerable.Range(0, 4).Select(_ => ($"row {i}", drawing))]).ToList();
        using var sheet = ContactSheet.Draw(rows, 64, bands);
        Assert.InRange(sheet.Height, 1, 1.4 * sheet.Width);
    }
}
