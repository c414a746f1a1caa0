/// Every kind of inspector, and what consumers treat apart within a kind.
package enum BundleKind: String, CaseIterable, Sendable, CustomStringConvertible {
  /// One label a part, and one of the classes passes.
  case classifier
  /// One label a part, each a finding of its own.
  case classifierWithoutGood = "classifier-without-good"
  /// A classifier whose head is fitted to a few images, which it keeps the features of.
  case fewShot = "few-shot"
  /// A classifier whose backbone was trained further.
  case fineTuned = "fine-tuned"
  /// A classifier that marks pixels.
  case segmentation
  /// Several labels a part.
  case multiLabel = "multi-label"
  /// Several labels a part, and pixels marked.
  case multiLabelSegmentation = "multi-label-segmentation"
  /// Several tasks, of which one tells good from defective.
  case tasks
  /// Tasks of which none classifies.
  case measurement
  /// Trained on good parts alone.
  case anomaly
  /// The same before anybody has set a threshold.
  case anomalyWithoutThreshold = "anomaly-without-threshold"
  /// Photographs are looked at in tiles.
  case tiled

  package var description: String { rawValue }
}
