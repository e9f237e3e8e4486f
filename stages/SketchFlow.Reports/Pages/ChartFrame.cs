namespace SketchFlow.Reports.Pages;

/// <summary>The frame within which the lines of a chart are drawn, in units of the drawing.</summary>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Right">Right edge.</param>
/// <param name="Bottom">Lower edge.</param>
internal sealed record ChartFrame(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Height of the numbers of the horizontal axis.</summary>
    public int XLabels => Bottom + 18;

    /// <summary>Height of the title of the horizontal axis.</summary>
    public int XTitle => Bottom + 38;

    /// <summary>Right end of the numbers of the vertical axis.</summary>
    public int YLabels => Left - 8;

    /// <summary>Middle of the horizontal axis.</summary>
    public int Centre => (Left + Right) / 2;

    /// <summary>Middle of the vertical axis.</summary>
    public int Middle => (Top + Bottom) / 2;
}
