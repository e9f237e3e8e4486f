using System.Diagnostics;
using SketchFlow.Fuzz.Mutation;
using SketchFlow.Fuzz.Readers;
using SketchFlow.Fuzz.Workers;

namespace SketchFlow.Fuzz.Runs;

/// <summary>Sends seed inputs, corpus and mutants of one reader to worker processes, and counts what happens.</summary>
/// <param name="reader">The reader.</param>
/// <param name="options">Seed, number and time.</param>
public sealed class FuzzRun(Reader reader, FuzzOptions options)
{
    // The first inputs of a process compile its code.
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(15);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _next;

    /// <summary>Runs, and returns the figures.</summary>
    public ReaderFigures Run()
    {
        var figures = new ReaderFigures(reader.Name);
        var corpus = Corpus.Load(reader, options.Cases);
        var mutator = new Mutator(reader, corpus.All);
        var threads = Enumerable.Range(0, options.Workers).Select(lane => new Thread(() => Work(figures, corpus, mutator, lane))).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        return figures;
    }

    private void Work(ReaderFigures figures, Corpus corpus, Mutator mutator, int lane)
    {
        Worker? worker = null;
        try
        {
            // The inputs themselves come first, so that a fault of one of them is not hidden behind its mutants.
            if (lane == 0)
            {
                for (var i = 0; i < corpus.All.Count; i++)
                {
                    worker = Send(figures, corpus, worker, corpus.All[i], -1 - i);
                }
            }

            while (Continues() && Interlocked.Increment(ref _next) - 1 is var number && (options.Count is not { } count || number < count))
            {
                worker = Send(figures, corpus, worker, mutator.Create(options.Seed, number), number);
            }
        }
        finally
        {
            worker?.Dispose();
        }
    }

    private bool Continues() => options.Time is not { } time || _watch.Elapsed < time;

    /// <summary>Sends an input and returns the worker for the next one; null where the next one needs a new worker.</summary>
    private Worker? Send(ReaderFigures figures, Corpus corpus, Worker? worker, byte[] input, long number)
    {
        worker ??= Start(corpus);
        var answer = worker.Read(reader.Name, input);
        if (answer.Verdict is Verdict.Slow or Verdict.Memory)
        {
            // Collections and pauses of a loaded machine are no fault of the input.
            worker.Dispose();
            worker = Start(corpus);
            answer = worker.Read(reader.Name, input);
            if (answer.Verdict is Verdict.Accepted or Verdict.Refused)
            {
                figures.AddUnconfirmed();
            }
        }

        if (answer.Verdict == Verdict.Refused && number < 0 && -1 - number < corpus.Seeds.Count)
        {
            answer = answer with { Verdict = Verdict.Raw, Text = $"A valid input is refused: {answer.Text}" };
        }

        figures.Add(answer);
        if (answer.Verdict is Verdict.Accepted or Verdict.Refused)
        {
            return worker;
        }

        var finding = new Finding(reader.Name, options.Seed, number, input, answer);
        if (figures.Add(finding) && options.Findings is { } folder)
        {
            finding.Write(folder);
        }

        if (answer.Verdict == Verdict.Raw)
        {
            return worker;
        }

        worker.Dispose();
        return null;
    }

    // A process compiles its code with valid inputs; one that ends with them is replaced, and the same input is sent again as the first of the run.
    private Worker Start(Corpus corpus)
    {
        var worker = new Worker();
        foreach (var seed in corpus.Seeds)
        {
            if (worker.Read(reader.Name, seed, _warmUp).Verdict is Verdict.Crash or Verdict.Slow or Verdict.Memory)
            {
                worker.Dispose();
                return new Worker();
            }
        }

        return worker;
    }
}
