namespace SketchFlow.Dataflow;

/// <summary>One step as described, its types erased: messages travel as objects and the typed flow casts at its edges.</summary>
internal abstract record Stage(string Name);
