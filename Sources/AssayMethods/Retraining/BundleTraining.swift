package import AssayBase
package import AssayBundle
package import AssayData
import AssayImage
package import AssayRuntime

/// A bundle's own training, to be done again with other images.
package enum BundleTraining: Sendable {
  case linear(TrainingOptions)
  case fineTuned(FineTuneOptions)

  /// - Parameter commandLine: for the report.
  /// - Throws: when its recipe is not understood, or its method is not one of training on a data set.
  package init(
    of bundle: ModelBundle, cache: FeatureCache?, commandLine: String
  ) throws(WorkflowError) {
    var options = TrainingOptions(
      of: bundle,
      features: FeatureOptions(of: bundle, maximumPixels: DecodingOptions().maximumPixels, cache: cache))
    options.commandLine = commandLine
    switch bundle.manifest.training.method {
    case .linear:
      try bundle.recipe(as: LinearRecipe.self).apply(to: &options)
      self = .linear(options)
    case .fineTuned:
      self = .fineTuned(FineTuneOptions(base: options, recipe: try bundle.recipe(as: FineTuneRecipe.self)))
    case .fewShot, .anomaly, .sharedLayer:
      throw WorkflowError(
        .usage,
        "\(bundle.path): bundles of the method \(bundle.manifest.training.method.rawValue) are not trained again as they "
          + "are; train it with `assay train`")
    }
  }

  private var options: TrainingOptions {
    switch self {
    case .linear(let options): options
    case .fineTuned(let options): options.base
    }
  }

  /// Images of the bundle's data set that are neither learned from nor free of influence: by them the epoch was chosen, the
  /// probabilities calibrated and the threshold set. Empty where training cross-validates.
  /// - Parameters:
  ///   - samples: of the data set, as it was read.
  ///   - hashes: of their contents.
  /// - Returns: positions among the samples.
  package func validated(_ samples: [Sample], hashes: [String]) -> Set<Int> {
    guard options.solver != .lbfgs else { return [] }
    let splits = options.splits(samples, hashes: hashes, labels: [samples.map(\.label)]).splits
    return Set(splits.indices.filter { splits[$0] == .validation })
  }

  /// Whether ``validated(_:hashes:)`` must not be empty.
  package var needsValidation: Bool { options.solver != .lbfgs }

  /// - Parameter dataset: each sample says in which split it is.
  package func train(
    _ dataset: Dataset, output: String, progress: @escaping ProgressHandler
  ) throws(WorkflowError) -> TrainingResult {
    switch self {
    case .linear(let options): try Trainer.train(dataset, output: output, options: options, progress: progress)
    case .fineTuned(let options):
      try FineTuneTrainer.train(dataset, output: output, options: options, progress: progress).training
    }
  }
}
