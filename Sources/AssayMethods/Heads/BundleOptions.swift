import AssayBackbones
package import AssayBase
package import AssayBundle
import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
package import AssayRuntime

/// How a bundle was made, as options that make another one of the same kind. Nobody else puts these together.

extension FeatureOptions {
  /// What a bundle's network reads from images, and how they are brought to it.
  /// - Parameter whiteLevel: nil to find it again, unless a person gave it.
  package init(
    of bundle: ModelBundle, whiteLevel: WhiteLevelRule? = nil, maximumPixels: Int, cache: FeatureCache?,
    isStrict: Bool = false
  ) {
    let rule = bundle.manifest.preprocessing
    let features = bundle.manifest.network.features
    self.init(
      backbone: BundleBackbones.name(for: bundle), inputSize: rule.width, taps: features?.taps,
      statistics: features?.statistics ?? [.mean, .deviation], policy: rule.policy, filter: rule.filter,
      whiteLevel: whiteLevel ?? WhiteLevelRule(replacing: rule.whiteLevel), maximumPixels: maximumPixels, cache: cache,
      isStrict: isStrict)
  }
}

extension ThresholdRule {
  /// nil for a number that a person chose.
  package init?(_ threshold: Manifest.Threshold) {
    switch (threshold.rule, threshold.rate) {
    case ("max-escape", let rate?): self = .maximumEscape(rate)
    case ("max-overkill", let rate?): self = .maximumOverkill(rate)
    case ("best-f1", _): self = .bestF1
    default: return nil
    }
  }

  /// The last rule by which a bundle's threshold was chosen: a number set by hand is none, and the one before it counts.
  package init(of manifest: Manifest) {
    let before = manifest.changes.reversed().compactMap { $0.before?.threshold }
    self = ([manifest.threshold].compactMap { $0 } + before).lazy.compactMap { ThresholdRule($0) }.first ?? .bestF1
  }
}

extension TrainingOptions {
  /// What all classifiers are trained with; solver, class weights, folds and split are in their methods' recipes.
  package init(of bundle: ModelBundle, features: FeatureOptions) {
    let manifest = bundle.manifest
    self.init(
      features: features, goodClass: manifest.goodClass, thresholdRule: ThresholdRule(of: manifest),
      seed: manifest.training.seed, usesMasks: manifest.kind.spec.pixelMarks != nil)
    uncertainShare = manifest.kind.spec.decision.band?.budget ?? uncertainShare
  }
}

extension ModelBundle {
  /// The recipe that it was made by.
  /// - Throws: what in it is not understood: nothing is taken for granted in its place.
  package func recipe<Settings: MethodRecipe>(as type: Settings.Type) throws(WorkflowError) -> Settings {
    do throws(ManifestFault) {
      return try manifest.training.recipe.decoded(as: type)
    } catch {
      throw WorkflowError(
        .badData, "\(path): its manifest's \(error); inspect with it, or train it again with `assay train`")
    }
  }
}
