package import AssayGraph

/// How much of a backbone stays as it is when it is fine-tuned.
///
/// What is frozen is run once for each view of an image, and its activations are kept; only what lies behind is trained.
public enum FreezePoint: Sendable, Hashable, ExpressibleByStringLiteral {
  /// Up to `stage3` of EfficientNet-Lite, which is nearly as good as training all of it and several times faster. Other
  /// networks have stages of other names: they are trained whole.
  case usual
  /// All of it is trained.
  case nothing
  /// Up to the stage of this name (`assay backbones` lists them).
  case upTo(String)

  public init(stringLiteral stage: String) { self = .upTo(stage) }

  private static let usualStage = "stage3"

  /// What ``usual`` is for a backbone, its own or of a bundle that was trained with it.
  package static func standard(for backbone: any Backbone) -> FreezePoint {
    let isLite = backbone.description.name.hasPrefix("efficientnet-lite")
    return isLite && backbone.taps.contains { $0.name == usualStage } ? .upTo(usualStage) : .nothing
  }
}
