namespace SketchFlow.Dataflow.Description;

/// <summary>One step as described, without its types: messages travel as objects, and the typed flow casts at its edges.</summary>
internal abstract record Stage(string Name);
