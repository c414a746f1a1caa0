public import AssayBundle
public import AssayData
public import AssayEvaluation
import AssayImage
import AssayLearning
import AssayReport
import Foundation

/// What training of several tasks made.
public struct MultiTaskResult: Sendable {
  public let path: String
  public let manifest: Manifest
  /// In the order of the tasks.
  public let evaluations: [TaskEvaluation]
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  public let warnings: [String]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  /// Features taken from the cache, and computed.
  public let cachedCount: Int
  public let computedCount: Int
}
