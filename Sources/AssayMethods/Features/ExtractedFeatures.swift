import AssayBackbones
package import AssayBase
package import AssayData
package import AssayGraph
package import AssayImage
package import AssayRuntime

/// Samples with their features, whatever is known of them.
package struct ExtractedFeatures {
  package var backbone: any Backbone
  package let specification: FeatureSpecification
  package let preprocessing: Preprocessing
  /// Those whose files could be used, in the order of the rows; near copies are marked.
  package let samples: [Sample]
  package let features: FeatureSet
  /// For whoever has the data set to leave out and to name.
  package let unreadable: [ImageError]
  /// And of how the others are read.
  package let notes: [String]

  package init(_ candidates: [Sample], options: FeatureOptions, progress: @escaping ProgressHandler) throws {
    backbone = try BackboneCatalogue.load(options.backbone)
    let size = options.inputSize ?? backbone.inputSize
    specification = try FeatureSpecification(
      taps: options.taps ?? backbone.defaultTaps, statistics: options.statistics, width: size, height: size
    ).validated(for: backbone)
    let white = try options.whiteLevel(of: candidates.map(\.path), progress: progress)
    notes = white.notes
    preprocessing = Preprocessing(
      width: size, height: size, policy: options.policy, filter: options.filter, whiteLevel: white.level)
    let extractor = FeatureExtractor(
      onnx: try FeatureGraph.build(backbone, specification).serialized(),
      dimension: specification.dimension(of: backbone), preprocessing: preprocessing, cache: options.cache,
      engines: options.engines, maximumPixels: options.maximumPixels)
    features = try extractor.features(
      of: candidates.map(\.path), progress: { progress(WorkProgress("features", $0, $1)) },
      announce: { progress(WorkProgress("features", announcing: $0)) })
    unreadable = features.failures.map(\.error)
    if options.isStrict, let error = unreadable.first { throw WorkflowError(error) }
    samples = CopyMarks.marked(
      features.rows.map { candidates[$0] }, hashes: features.hashes.map(\.hex), maximumPixels: options.maximumPixels,
      cache: options.cache, progress: progress)
  }

  /// A row's picture, to be read again.
  package func picture(_ row: Int) -> KnownPicture { KnownPicture(path: samples[row].path, hash: features.hashes[row]) }
}
