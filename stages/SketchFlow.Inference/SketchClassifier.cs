using System.Collections.Immutable;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;

namespace SketchFlow.Inference;

/// <summary>
/// Names the classes of images with a model that <c>sketchflow export</c> wrote: decodes and resizes them as <c>sketchflow classify</c> does, and runs the
/// model with ONNX Runtime.
/// </summary>
/// <remarks>
/// <para>One classifier serves any number of threads, which share the threads of the model; load it once and dispose of it at the end.</para>
/// <para>An image that cannot be used (no such file, not an image, damaged, too large) is an <see cref="ImageRejectedException"/> where it is classified
/// alone, and an answer with a reason (<see cref="ClassifiedImage.Error"/>) where there are several.</para>
/// </remarks>
public sealed partial class SketchClassifier : IDisposable
{
    private readonly OnnxSession _session;

    private SketchClassifier(OnnxSession session, string title, SketchClassifierOptions? options)
    {
        (_session, Options) = (session, options ?? new SketchClassifierOptions());
        try
        {
            SketchClassifierOptions.Check(Options);
            OpenCvLibrary.Load();
            Model = ExportedModelDescription.Read(session.Metadata, title);
            Layout = FindLayout(title);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        Decode = new DecodeOptions
        {
            MaxPixels = Options.MaxPixels ?? Model.MaxPixels,
            MaxBytes = Options.MaxBytes,
            TargetSide = Model.Preparations.Max(p => p.Side),
            RememberGrey = false,
        };
    }

    /// <summary>The facts that the model carries: architecture, classes, preparation, temperature.</summary>
    public ExportedModelDescription Model { get; }

    /// <summary>The classes, in the order of their numbers.</summary>
    public ImmutableArray<ClassName> Classes => Model.Classes;

    /// <summary>The form in which the model takes images.</summary>
    public ImageLayout Layout { get; }

    /// <summary>Sizes in which images are prepared; none if the model resizes them itself.</summary>
    internal ImmutableArray<PadResizeOptions> Sizes => Model.Resizes ? [] : Model.Preparations;

    /// <summary>Number of images per run of the model: images that are not resized have sizes of their own.</summary>
    internal int BatchSize => Model.Resizes ? 1 : Options.BatchSize;

    /// <summary>Options with which image files are decoded.</summary>
    internal DecodeOptions Decode { get; }

    /// <summary>The settings.</summary>
    internal SketchClassifierOptions Options { get; }

    /// <summary>Loads a model from a file.</summary>
    /// <param name="file">Path of a file that <c>sketchflow export</c> wrote.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="RefusalException">The file cannot be read, or is not a model of SketchFlow; the message is a sentence that says what to do.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of the options is out of range.</exception>
    public static SketchClassifier Load(string file, SketchClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new SketchClassifier(OnnxSession.Load(file, options?.Threads ?? 0), file, options);
    }

    /// <summary>Loads a model from memory, such as an embedded resource.</summary>
    /// <param name="model">The bytes of a file that <c>sketchflow export</c> wrote.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <inheritdoc cref="Load(string, SketchClassifierOptions?)" path="/exception"/>
    public static SketchClassifier Load(ReadOnlyMemory<byte> model, SketchClassifierOptions? options = null) =>
        new(new OnnxSession(model.ToArray(), options?.Threads ?? 0), "The model", options);

    /// <summary>Classifies a file.</summary>
    /// <param name="file">Path of the image: JPEG, PNG, BMP, GIF, WebP or TIFF.</param>
    /// <returns>The most probable classes, most probable first.</returns>
    /// <exception cref="ImageRejectedException">The file cannot be used.</exception>
    public ImmutableArray<ClassProbability> Classify(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Only(new ImageInput(file));
    }

    /// <summary>Classifies the bytes of a file.</summary>
    /// <param name="image">The bytes of an image: JPEG, PNG, BMP, GIF, WebP or TIFF.</param>
    /// <inheritdoc cref="Classify(string)"/>
    public ImmutableArray<ClassProbability> Classify(ReadOnlyMemory<byte> image) => Only(ImageInput.FromBytes("The image", image));

    /// <summary>Classifies a stream, which is read to its end, but not further than <see cref="SketchClassifierOptions.MaxBytes"/>.</summary>
    /// <param name="image">A stream of an image: JPEG, PNG, BMP, GIF, WebP or TIFF; the caller closes it.</param>
    /// <inheritdoc cref="Classify(string)"/>
    public ImmutableArray<ClassProbability> Classify(Stream image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Only(new StreamBytes(Options.MaxBytes).Read(image));
    }

    /// <summary>Classifies a file on the thread pool.</summary>
    /// <param name="file">Path of the image.</param>
    /// <param name="cancellation">Stops before the model is run.</param>
    /// <inheritdoc cref="Classify(string)"/>
    public Task<ImmutableArray<ClassProbability>> ClassifyAsync(string file, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Task.Run(() => Only(new ImageInput(file), cancellation), cancellation);
    }

    /// <summary>Classifies the bytes of a file on the thread pool.</summary>
    /// <param name="image">The bytes of an image.</param>
    /// <param name="cancellation">Stops before the model is run.</param>
    /// <inheritdoc cref="Classify(string)"/>
    public Task<ImmutableArray<ClassProbability>> ClassifyAsync(ReadOnlyMemory<byte> image, CancellationToken cancellation = default) =>
        Task.Run(() => Only(ImageInput.FromBytes("The image", image), cancellation), cancellation);

    /// <summary>Classifies a stream, such as the body of a request, which is read without blocking a thread.</summary>
    /// <param name="image">A stream of an image; the caller closes it.</param>
    /// <param name="cancellation">Stops the reading, or before the model is run.</param>
    /// <inheritdoc cref="Classify(string)"/>
    public async Task<ImmutableArray<ClassProbability>> ClassifyAsync(Stream image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var input = await new StreamBytes(Options.MaxBytes).ReadAsync(image, cancellation).ConfigureAwait(false);
        return await Task.Run(() => Only(input, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>Runs the model and returns one of its outputs.</summary>
    /// <param name="batch">At least one usable image in the sizes of the model.</param>
    /// <param name="output">Name of the output.</param>
    /// <returns>float32, (images, classes).</returns>
    internal float[] Run(PreparedBatch batch, string output) => ModelImages.Run(_session, batch, Layout, output);

    private ImmutableArray<ClassProbability> Only(ImageInput input, CancellationToken cancellation = default)
    {
        using var image = Prepare(input);
        if (image.Error is { } reason)
        {
            throw new ImageRejectedException(input.Name, reason);
        }

        cancellation.ThrowIfCancellationRequested();
        using var batch = PreparedBatch.Stack([image]);
        return Answers(batch)[0].Top;
    }

    /// <summary>Decodes an image and resizes it for the model.</summary>
    internal PreparedImage Prepare(ImageInput input) => PreparedImage.Create(Decode, Sizes, input);

    /// <summary>Classifies the images of a batch, in their order.</summary>
    internal ClassifiedImage[] Answers(PreparedBatch batch)
    {
        var probabilities = !batch.IsEmpty ? Run(batch, ExportedModelDescription.Probabilities) : [];
        var (answers, row) = (new ClassifiedImage[batch.Items.Length], 0);
        for (var i = 0; i < answers.Length; i++)
        {
            var (input, error) = batch.Items[i];
            answers[i] = error is null
                ? new ClassifiedImage(input.Name, Top(probabilities.AsSpan(Classes.Length * row++, Classes.Length)))
                : new ClassifiedImage(input.Name, [], error);
        }

        return answers;
    }

    private ImmutableArray<ClassProbability> Top(ReadOnlySpan<float> row)
    {
        var (values, best) = (new double[row.Length], 0);
        for (var c = 0; c < row.Length; c++)
        {
            values[c] = row[c];
            best = values[c] > values[best] ? c : best;
        }

        return TopClasses.Of(values, best, Classes, Options.Top);
    }

    private ImageLayout FindLayout(string title)
    {
        ImageLayout?[] layouts =
        [
            .. Model.Preparations.Select((p, i) => FindLayout(ExportedModelDescription.InputName(Model.Resizes ? 0 : i), p.Side)).Distinct(),
        ];
        var output = _session.FindOutput(ExportedModelDescription.Probabilities);
        return output is { Element: OnnxType.Float32, Shape: [_, var classes] } && classes == Classes.Length && layouts is [{ } layout]
            ? layout
            : throw new RefusalException($"The inputs and outputs of {title} do not fit its metadata; export the model again with sketchflow export.");
    }

    private ImageLayout? FindLayout(string input, int side) => _session.FindInput(input) switch
    {
        { Element: OnnxType.UInt8, Shape: [_, < 0, < 0, 3] } when Model.Resizes => ImageLayout.Bytes,
        _ when Model.Resizes => null,
        { Element: OnnxType.UInt8, Shape: [_, var height, var width, 3] } when height == side && width == side => ImageLayout.Bytes,
        { Element: OnnxType.Float32, Shape: [_, 3, var height, var width] } when height == side && width == side => ImageLayout.Floats,
        _ => null,
    };
}
