namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Emphasis of a cell of a table on a terminal.</summary>
public enum CellStyle
{
    /// <summary>Not emphasised.</summary>
    Plain,

    /// <summary>Bold.</summary>
    Bold,

    /// <summary>Good.</summary>
    Green,

    /// <summary>Bad.</summary>
    Red,

    /// <summary>Unimportant.</summary>
    Grey,
}
