namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>A GIF file with frames of random indices, and the picture that its first frame stands for.</summary>
internal sealed record GifFixture((int Width, int Height) Screen, (int Left, int Top) Corner, (int Width, int Height) Frame)
{
    private const int Colours = 16;

    public bool Interlaced { get; init; }

    public bool Transparent { get; init; }

    public bool LocalPalette { get; init; }

    public int Frames { get; init; } = 1;

    public int Seed { get; init; }

    public (int Width, int Height) Canvas => (Math.Max(Screen.Width, Corner.Left + Frame.Width), Math.Max(Screen.Height, Corner.Top + Frame.Height));

    /// <summary>The file, and the position right after the codes of the first frame's last pixel.</summary>
    public (byte[] File, int Needed) ToFile()
    {
        byte[] palette = [.. Enumerable.Range(0, Colours).SelectMany(i => new[] { Red(i), Green(i), Blue(i) })];
        byte[] Size(int value) => [(byte)value, (byte)(value >> 8)];
        byte flags = LocalPalette ? (byte)0 : (byte)0x83;
        List<byte> file = [.. "GIF89a"u8, .. Size(Screen.Width), .. Size(Screen.Height), flags, 0, 0, .. LocalPalette ? Array.Empty<byte>() : palette];
        var needed = 0;
        for (var frame = 0; frame < Frames; frame++)
        {
            if (Transparent)
            {
                file.AddRange([0x21, 0xF9, 4, 1, 0, 0, 5, 0]);
            }

            file.AddRange([0x2C, .. Size(Corner.Left), .. Size(Corner.Top), .. Size(Frame.Width), .. Size(Frame.Height)]);
            file.Add((byte)((Interlaced ? 0x40 : 0) | (LocalPalette ? 0x83 : 0)));
            file.AddRange(LocalPalette ? palette : Array.Empty<byte>());
            var (codes, whole) = Codes(Indices());
            file.Add(4);
            needed = frame == 0 ? file.Count + whole + (whole + 254) / 255 : needed;
            file.AddRange(codes.Chunk(255).SelectMany(c => new[] { (byte)c.Length }.Concat(c)));
            file.Add(0);
        }

        return ([.. file, 0x3B], needed);
    }

    public (int Red, int Green, int Blue)[] Shown()
    {
        var shown = Enumerable.Repeat((255, 255, 255), Canvas.Width * Canvas.Height).ToArray();
        var indices = Indices();
        for (var i = 0; i < indices.Length; i++)
        {
            if (!Transparent || indices[i] != 5)
            {
                var (x, y) = (Corner.Left + (i % Frame.Width), Corner.Top + (i / Frame.Width));
                shown[(y * Canvas.Width) + x] = (Red(indices[i]), Green(indices[i]), Blue(indices[i]));
            }
        }

        return shown;
    }

    private static byte Red(int index) => (byte)(index * 16);

    private static byte Green(int index) => (byte)(255 - (index * 10));

    private static byte Blue(int index) => (byte)(index * index);

    private int[] Indices()
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, Frame.Width * Frame.Height).Select(_ => random.Next(Colours))];
    }

    // Codes of 5 bits, cleared before the table grows; returns the number of bytes that hold the last pixel, too.
    private (byte[] Codes, int Whole) Codes(int[] indices)
    {
        var rows = indices.Chunk(Frame.Width).ToArray();
        var order = new[] { (0, 8), (4, 8), (2, 4), (1, 2) }.SelectMany(p => Enumerable.Range(0, rows.Length).Where(y => y % p.Item2 == p.Item1));
        var stored = Interlaced ? order.SelectMany(y => rows[y]) : indices;
        int[] codes = [.. stored.Chunk(10).SelectMany(c => new[] { 16 }.Concat(c))];
        var bits = string.Concat(codes.Append(17).Select(c => new string([.. Convert.ToString(c, 2).PadLeft(5, '0').Reverse()])));
        byte[] packed = [.. bits.Chunk(8).Select(c => Convert.ToByte(new string([.. new string(c).PadRight(8, '0').Reverse()]), 2))];
        return (packed, ((codes.Length * 5) + 7) / 8);
    }
}
