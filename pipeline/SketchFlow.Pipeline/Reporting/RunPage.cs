using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Reports.Pages;

namespace SketchFlow.Pipeline.Reporting;

/// <summary>Lays out the page of a run: figures, curves, recipe, and the evaluation of its validation logits.</summary>
internal sealed class RunPage
{
    private readonly RunRow _run;
    private readonly ReportPage _page;

    private RunPage(RunRow run) => (_run, _page) = (run, new ReportPage(run.Name));

    /// <summary>Creates the page.</summary>
    /// <param name="run">The run.</param>
    /// <param name="other">The run whose recipe it is compared with; null for none.</param>
    /// <param name="evaluation">The evaluation of its validation logits; null if there is none.</param>
    /// <param name="missing">Sentence that says why there is no evaluation; null if there is one.</param>
    /// <param name="images">Images by path, for the worst classes and mistakes; null leaves them out.</param>
    /// <param name="maps">Methods and addresses of maps that explain images, by path.</param>
    public static ReportPage Create(
        RunRow run, RunRow? other, EvaluationResult? evaluation, string? missing, IReadOnlyDictionary<string, Sample>? images,
        ILookup<string, (string Method, string Link)> maps)
    {
        ArgumentNullException.ThrowIfNull(run);
        var layout = new RunPage(run);
        layout.AddFigures();
        layout.AddCurves();
        layout.AddRecipe(other);
        if (missing is not null)
        {
            layout._page.Heading("Evaluation").Text(missing);
        }

        if (evaluation is not null)
        {
            layout._page.Heading($"Evaluation on {evaluation.Evaluated.DataSet}/{evaluation.Evaluated.Split}");
            EvaluationPage.AddTo(layout._page, evaluation, images, maps);
        }

        return layout._page;
    }

    private void AddFigures()
    {
        _page.Text($"{_run.Cell("architecture")} on {_run.Cell(RunTable.DataSetColumn)}, trained {_run.Cell("when")} (UTC).");
        (string Name, string Column)[] figures =
        [
            ("validation accuracy", "val_accuracy"), ("validation loss", "val_loss"), ("macro F1", "val_macro_f1"), ("epochs", "epochs_done"),
            ("best epoch", "best_epoch"), ("training images/s", "images_per_second"), ("time waiting for data", "data_wait_share"),
        ];
        _page.Figures(figures.Where(f => _run.Number(f.Column) is not null).Select(f => (f.Name, MetricText.Of(f.Column, _run.Number(f.Column)!.Value))));
    }

    private void AddCurves()
    {
        _page.Heading("Curves");
        AddChart("Loss", "cross-entropy, nats", ["train_loss", "val_loss", "ema_val_loss"]);
        AddChart("Accuracy", "images, %", ["train_accuracy", "val_accuracy", "ema_val_accuracy"]);
        AddChart("Learning rate", "learning rate of the last step", ["learning_rate"]);
        AddChart("Speed", "training images/s", ["images_per_second"]);
        _page.Text(
            "The training figures are measured on augmented images, with the loss of the recipe (such as label smoothing and Mixup), so that they may be "
            + "worse than those of validation. The same command draws the curves of a running training again.");
    }

    private void AddChart(string title, string label, string[] columns)
    {
        var lines = RunCurves.Of(_run, columns);
        if (lines.Any(l => l.Points.Any(p => double.IsFinite(p.Y))))
        {
            _page.Chart(new LineChart(title, "epoch", label, lines));
        }
    }

    private void AddRecipe(RunRow? other)
    {
        _page.Heading("Recipe");
        if (other is not null)
        {
            var changes = RunTable.Changes(other, _run);
            _ = changes.Count == 0
                ? _page.Text($"No setting differs from {other.Name}.")
                : _page.Text($"{Plural.Of(changes.Count, "setting")} {(changes.Count == 1 ? "differs" : "differ")} from {other.Name}.").Table(
                    ["key", other.Name, _run.Name], changes.Select(c => (string[])[c.Key, c.First ?? "(none)", c.Second ?? "(none)"]));
        }

        _page.Folded("all settings", p => p.Table(
            ["key", "value"], _run.Recipe.OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => (string[])[k.Key, k.Value])));
    }
}
