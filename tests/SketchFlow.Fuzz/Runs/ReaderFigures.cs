using System.Collections.Concurrent;
using SketchFlow.Fuzz.Workers;

namespace SketchFlow.Fuzz.Runs;

/// <summary>Counts of one reader's run.</summary>
/// <param name="reader">Name of the reader.</param>
public sealed class ReaderFigures(string reader)
{
    private const int Kept = 20;

    private readonly Lock _lock = new();

    /// <summary>Name of the reader.</summary>
    public string Reader => reader;

    /// <summary>Number of inputs.</summary>
    public long Inputs { get; private set; }

    /// <summary>Number of inputs that gave a value.</summary>
    public long Accepted { get; private set; }

    /// <summary>Number of inputs that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Number of inputs that did anything else.</summary>
    public long Failures { get; private set; }

    /// <summary>Number of inputs that were too slow or too large once, but not in a fresh process.</summary>
    public long Unconfirmed { get; private set; }

    /// <summary>Largest CPU time, milliseconds.</summary>
    public double Slowest { get; private set; }

    /// <summary>Largest growth of memory, MB.</summary>
    public double Largest { get; private set; }

    /// <summary>Findings, the first ones of each cause.</summary>
    public ConcurrentQueue<Finding> Findings { get; } = [];

    /// <summary>Number of failures by cause.</summary>
    public ConcurrentDictionary<string, int> Causes { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts an answer.</summary>
    public void Add(Answer answer)
    {
        lock (_lock)
        {
            Inputs++;
            Slowest = Math.Max(Slowest, answer.Milliseconds);
            Largest = Math.Max(Largest, answer.Megabytes);
            _ = answer.Verdict switch { Verdict.Accepted => Accepted++, Verdict.Refused => Refused++, _ => Failures++ };
        }
    }

    /// <summary>Counts an answer that a fresh process did not repeat.</summary>
    public void AddUnconfirmed()
    {
        lock (_lock)
        {
            Unconfirmed++;
        }
    }

    /// <summary>Counts a finding; returns whether it is one of the first of its cause.</summary>
    public bool Add(Finding finding)
    {
        if (Causes.AddOrUpdate(finding.Cause, 1, (_, n) => n + 1) > Kept)
        {
            return false;
        }

        Findings.Enqueue(finding);
        return true;
    }
}
