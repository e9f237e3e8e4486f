using SketchFlow.Data.Messages;
using Spectre.Console.Rendering;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Removes the control characters from the text of Spectre's tables and bars; its own control sequences stay.</summary>
internal sealed class CleanText : IRenderHook
{
    /// <inheritdoc/>
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(r => new Cleaned(r));

    private sealed class Cleaned(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, maxWidth).Select(Clean);

        private static Segment Clean(Segment segment) => segment.IsControlCode || segment.IsLineBreak || PrintableText.Clean(segment.Text) == segment.Text
            ? segment
            : new Segment(PrintableText.Clean(segment.Text), segment.Style);
    }
}
