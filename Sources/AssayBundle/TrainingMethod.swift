/// By which method an inspector was trained, as its manifest names it.
public enum TrainingMethod: String, Codable, Sendable, CaseIterable {
  /// Heads on the features of a frozen backbone.
  case linear
  /// A classifier from a few images, which the bundle keeps.
  case fewShot = "fewshot"
  /// Backbone and head together.
  case fineTuned = "finetune"
  /// Heads of several tasks behind a layer that they share, on a frozen backbone.
  case sharedLayer = "shared layer"
  /// From good parts.
  case anomaly

  /// Whether the bundle's backbone is as it was before: features from a cache are those of its graph.
  public var keepsBackbone: Bool { self != .fineTuned }

  /// Whether images are taught to the bundle one by one instead of training it again.
  public var isTaught: Bool { self == .fewShot || self == .anomaly }
}
