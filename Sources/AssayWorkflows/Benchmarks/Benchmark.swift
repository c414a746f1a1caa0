import AssayBackbones
import AssayBase
import AssayBundle
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayInspection
import AssayRuntime
import Foundation

/// How fast a graph runs on this machine.
public struct Benchmark: Sendable, Encodable {
  public let subject: String
  /// What ran it, with its version.
  public let engine: String
  /// Milliseconds to compile the graph.
  public let compileMilliseconds: Double
  /// One image at a time on all cores: the graph alone.
  public let latencyMedian: Double
  public let latencyP99: Double
  /// One image at a time, file to verdict with map; nil without images.
  public let inspectMedian: Double?
  public let inspectP99: Double?
  /// Graph alone, one request for each core, images per second.
  public let throughput: Double
  /// Files to verdicts, images per second; nil without images.
  public let inspectThroughput: Double?
  public let threads: Int
  public let processor: String

  /// How long is measured, and on what.
  public struct Plan: Sendable {
    /// Files to inspect (bundles only).
    public var images: [String]
    /// Seconds for each measurement of each engine.
    public var seconds: Double
    /// Milliseconds before each image that is inspected alone: on a line a part comes now and then, and a processor that has
    /// slept is slower.
    public var pause: Double

    public init(images: [String] = [], seconds: Double = 3, pause: Double = 0) {
      self.images = images
      self.seconds = seconds
      self.pause = pause
    }
  }

  /// - Parameter subject: a bundle's path or a backbone's name.
  public static func run(
    _ subject: String, _ plan: Plan = Plan(), engines: Engines = .automatic, progress: ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Benchmark {
    do {
      let runs = [try BenchmarkRun(BenchmarkSubject(subject), plan, engines)]
      try BenchmarkRun.measure(runs, plan, progress)
      return runs[0].result
    } catch {
      throw WorkflowError(error)
    }
  }
}
