namespace SketchFlow.Fuzz.Workers;

/// <summary>Results of an input.</summary>
public enum Verdict
{
    /// <summary>It gave a value.</summary>
    Accepted,

    /// <summary>It refused the input with a sentence.</summary>
    Refused,

    /// <summary>It threw an exception of .NET or of a library, or its sentence names one.</summary>
    Raw,

    /// <summary>The process ended.</summary>
    Crash,

    /// <summary>It needed more time than it may have.</summary>
    Slow,

    /// <summary>It needed more memory than it may have.</summary>
    Memory,
}
