/// Which augmentation suits what is inspected.
public enum AugmentationPreset: String, CaseIterable, Sendable, Codable {
  /// No up or down: sheet, cloth, wafers, castings in any position. Flips and quarter turns, small rotation, scale and
  /// crop, changes of light, and rarely a small cut-out.
  case surface
  /// Orientation means something (print, connectors, assemblies): only a few degrees, a little scale and shift, and
  /// changes of light. Nothing is mirrored, turned or covered: a covered component would be a missing one.
  case orientedPart = "oriented-part"
  /// The images as they are.
  case none

  /// The operations of this preset, with their probabilities and magnitudes.
  ///
  /// Crops keep at least 85 % of each side, and cut-outs cover at most 3 % of the area of one image in ten: what makes
  /// an image a defect must stay in it.
  public var policy: AugmentationPolicy {
    switch self {
    case .surface:
      AugmentationPolicy(
        rules: [
          AugmentationRule(.horizontalFlip, probability: 0.5),
          AugmentationRule(.verticalFlip, probability: 0.5),
          // Three turns of four: with none, each of the four positions is as likely.
          AugmentationRule(.quarterTurn, probability: 0.75),
          AugmentationRule(.rotation, probability: 0.5, magnitude: -10...10),
          AugmentationRule(.scale, probability: 0.5, magnitude: 0.87...1.15),
          AugmentationRule(.aspect, probability: 0.3, magnitude: 0.95...1.05),
          AugmentationRule(.crop, probability: 0.5, magnitude: 0.85...1),
        ] + light + [AugmentationRule(.cutOut, probability: 0.1, magnitude: 0.005...0.03)])
    case .orientedPart:
      AugmentationPolicy(
        rules: [
          AugmentationRule(.rotation, probability: 0.5, magnitude: -3...3),
          AugmentationRule(.scale, probability: 0.5, magnitude: 0.95...1.05),
          AugmentationRule(.shift, probability: 0.5, magnitude: -0.03...0.03),
        ] + light)
    case .none:
      AugmentationPolicy(rules: [])
    }
  }

  private var light: [AugmentationRule] {
    [
      AugmentationRule(.brightness, probability: 0.5, magnitude: 0.8...1.25),
      AugmentationRule(.contrast, probability: 0.5, magnitude: 0.8...1.25),
      AugmentationRule(.gamma, probability: 0.3, magnitude: 0.8...1.25),
      AugmentationRule(.blur, probability: 0.15, magnitude: 0.3...0.9),
      AugmentationRule(.noise, probability: 0.3, magnitude: 0.004...0.02),
      AugmentationRule(.jpeg, probability: 0.1, magnitude: 40...90),
    ]
  }
}
