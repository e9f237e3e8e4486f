using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Dataflow.Description;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>The parts that a recipe and a data set determine before training starts: split, architecture, batches and learner.</summary>
/// <param name="recipe">The experiment.</param>
/// <param name="data">The images.</param>
/// <param name="context">Device, log and progress display.</param>
public sealed class TrainingSetup(Recipe recipe, DataSet data, JobContext context)
{
    private readonly AugmentPlan _augmentation = AugmentPlan.Compile(recipe.Augmentation);
    private readonly (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) _split = DataSource.Split(data, recipe, context.Log);

    /// <summary>The training images.</summary>
    public IReadOnlyList<Sample> Train => _split.Train;

    /// <summary>The validation images.</summary>
    public IReadOnlyList<Sample> Validation => _split.Validation;

    /// <summary>The network at the image size of validation.</summary>
    public Architecture Architecture { get; } = RecipeModel.Build(recipe, data.Classes.Length);

    /// <summary>The data type that products are computed in.</summary>
    public ComputePrecision Precision { get; } = MixedPrecision.Resolve(recipe.Amp, context.Device);

    /// <summary>The decoded images, shared by training and validation.</summary>
    public ImageCache Cache { get; } = ImageCache.Create(recipe.Data.CacheMegabytes);

    /// <summary>The training and validation rows by path, as the run keeps them.</summary>
    public RunSplit Rows => field ??= RunSplit.From(data, Train, Validation);

    /// <summary>The facts that the weights of the run carry.</summary>
    public RunIdentity Identity => field ??= new RunIdentity
    {
        Classes = data.Classes,
        Preprocessing = ImageFlow.DescribePreprocessing(recipe, Architecture),
        DataSet = data.Name,
        DataSetFingerprint = DataSetFingerprint.Compute(data),
        RowsFingerprint = Rows.Fingerprint,
    };

    /// <summary>Fingerprint of the training and validation rows, and of the weights if there are any.</summary>
    internal string Fingerprint => field ??= Weights is { } weights
        ? DataSetFingerprint.Hash([RunState.Fingerprint(Train, Validation), weights.Fingerprint])
        : RunState.Fingerprint(Train, Validation);

    /// <summary>Weights of the training images; null if all have the same.</summary>
    /// <exception cref="RefusalException">The table of weights does not fit the images.</exception>
    internal SampleWeights? Weights => recipe.Data.SampleWeights is { } path ? field ??= SampleWeights.Read(path, data, Train) : null;

    /// <summary>Number of steps per epoch.</summary>
    internal int StepsPerEpoch => Math.Max(1, Train.Count / recipe.BatchSize);

    /// <summary>Number of images that an epoch trains on: those of complete batches, or all images if they do not fill one.</summary>
    internal int ImagesPerEpoch => StepsPerEpoch * Math.Min(recipe.BatchSize, Train.Count);

    /// <summary>Computes the steps of the whole training and their learning rates.</summary>
    public TrainingSchedule ComputeSchedule() => TrainingSchedule.Compute(recipe, Train.Count);

    /// <summary>Describes the flow of one epoch's training batches.</summary>
    /// <param name="epoch">Number of the epoch, from 0.</param>
    public Flow<PixelBatch> DescribeBatches(int epoch) => DescribeBatches(epoch, EpochShuffle.Shuffle(Train, recipe.Seed, epoch));

    /// <summary>Starts the flow of one epoch's training batches.</summary>
    /// <param name="epoch">Number of the epoch, from 0.</param>
    /// <param name="position">Number of images in the order of the epoch that are finished.</param>
    /// <param name="rejected">Receives each image that could not be used.</param>
    public EpochBatches StartBatches(int epoch, int position, Action<Rejected> rejected)
    {
        var order = EpochShuffle.Shuffle(Train, recipe.Seed, epoch);
        return new EpochBatches(DescribeBatches(epoch, [.. order.Skip(position)]).Start(rejected, CancellationToken.None), order, position);
    }

    /// <summary>Creates the learner in its initial state.</summary>
    /// <param name="loadWeights">Load the initial weights; not needed where the weights of a resume file replace them.</param>
    internal Learner CreateLearner(bool loadWeights)
    {
        var model = CreateModel(loadWeights);
        return new Learner(LearnerOptions(), model, Architecture.Preprocessing);
    }

    /// <summary>Checks the recipe against its model and the images.</summary>
    /// <param name="isResumed">Whether a run continues.</param>
    /// <exception cref="RefusalException">A value does not fit; the message states the remedy.</exception>
    public void Check(bool isResumed = false)
    {
        TrainingChecks.CheckImages(recipe, data, Train, Validation);
        TrainingChecks.Check(recipe, data, Train.Count(s => s.Fault is null), isResumed);
        _ = Weights;
    }

    private Flow<PixelBatch> DescribeBatches(int epoch, ImmutableArray<Sample> samples)
    {
        var architecture = ArchitectureAt(epoch);
        return ImageFlow.Batches(
            ImageFlow.Options(recipe, architecture) with
            {
                Decode = ImageFlow.DecodeFor(recipe, architecture, exact: false),
                Cache = Cache,
                Augmentation = _augmentation,
                Epoch = epoch,
                // A last batch of one or two images would distort the statistics of batch norms.
                LastBatch = Train.Count >= recipe.BatchSize ? LastBatch.Drop : LastBatch.Keep,
            },
            samples);
    }

    private Architecture ArchitectureAt(int epoch) => recipe.Sizes.LastOrDefault(s => s.FromEpoch <= epoch) is { } stage
        ? RecipeModel.Build(recipe with { ImageSize = stage.Size }, data.Classes.Length)
        : Architecture;

    private LearnerOptions LearnerOptions()
    {
        var counts = new int[data.Classes.Length];
        // A row without a usable target belongs to no class; it is rejected when it is loaded.
        foreach (var target in Train.Select(s => s.Target).OfType<int>())
        {
            counts[target]++;
        }

        return recipe.Learner(recipe.Loss.WithBalance(counts), Precision);
    }

    private FlatModel CreateModel(bool loadWeights)
    {
        if ((loadWeights ? InitialWeights.Find(recipe, context) : null) is not { } file)
        {
            using var random = ModelWeights.Fresh(Architecture, recipe.Seed);
            return FlatModel.Create(Architecture, random, context.Device, recipe.ChannelsLast, learns: true);
        }

        var (model, report) = FlatModel.Load(Architecture, file, recipe.Seed, context.Device, recipe.ChannelsLast, learns: true, recipe.StrictWeights);
        var (details, summary) = (report.ToString(), report.Summary);
        var shown = context.Verbose || summary == details ? details : $"{summary} (details with --verbose)";
        context.Log($"weights from {recipe.Weights ?? recipe.Pretrained}: {shown}");
        return model;
    }
}
