public import AssayBundle
public import AssayData
public import AssayEvaluation
import AssayImage
import AssayInspection
import AssayLearning
import AssayReport
import AssayRuntime
import Foundation

/// What training made.
public struct TrainingResult: Sendable {
  public let path: String
  public let manifest: Manifest
  public let evaluation: Evaluation
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  /// How well pixels are marked; set when masks were learned and there are test images.
  public let segmentation: SegmentationEvaluation?
  public let warnings: [String]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  /// Features taken from the cache, and computed.
  public let cachedCount: Int
  public let computedCount: Int
}
