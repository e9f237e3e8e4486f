namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>Tests that share <see cref="ClassifiedRuns"/>, whose training takes a minute.</summary>
[CollectionDefinition(nameof(ClassifiedRunsCollection))]
public sealed class ClassifiedRunsCollection : ICollectionFixture<ClassifiedRuns>;
