import AssayBackbones
import AssayBase
import AssayBundle
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayInspection
import AssayRuntime
import Foundation
import Synchronization

/// How fast a graph runs on this machine.
public struct Benchmark: Sendable, Encodable {
  public let subject: String
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

  /// - Parameters:
  ///   - subject: a bundle's path or a backbone's name.
  ///   - images: files to inspect (bundles only).
  ///   - pause: milliseconds before each image that is inspected alone: on a line a part comes now and then, and a processor
  ///     that has slept is slower.
  public static func run(
    _ subject: String, images: [String] = [], seconds: Double = 3, pause: Double = 0,
    progress: ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Benchmark {
    do {
      return try measure(subject, images: images, seconds: seconds, pause: pause, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func measure(
    _ subject: String, images: [String], seconds: Double, pause: Double, progress: ProgressHandler
  ) throws -> Benchmark {
    let isBackbone = BackboneCatalogue.entries.contains { $0.name == subject }
    let onnx: [UInt8]
    let shape: [Int]
    if isBackbone {
      let backbone = try BackboneCatalogue.load(subject)
      let size = backbone.inputSize
      onnx = try FeatureGraph.build(
        backbone, FeatureSpecification(taps: backbone.defaultTaps, width: size, height: size)
      ).serialized()
      shape = [1, 3, size, size]
    } else {
      let bundle = try ModelBundle(path: subject)
      onnx = try bundle.contents(ModelBundle.modelName)
      shape = [1, 3, bundle.manifest.preprocessing.height, bundle.manifest.preprocessing.width]
    }
    progress(WorkProgress("bench", 0, 4))
    let start = Clock.milliseconds
    let latencyNetwork = try Network(onnx: onnx, inputShape: shape, mode: .latency)
    let compile = Clock.milliseconds - start
    let request = try latencyNetwork.makeRequest()
    let session =
      isBackbone || images.isEmpty ? nil : try Inspector(path: subject, mode: .latency).makeSession()
    // Interleaved, so that both see the same machine.
    var latencies: [Double] = []
    var inspections: [Double] = []
    for _ in 0..<10 {
      try request.run()
      if let session { _ = try session.inspect(images[0]) }
    }
    let end = Clock.milliseconds + seconds * 1000
    var round = 0
    while Clock.milliseconds < end || latencies.count < 30 {
      rest(pause)
      latencies.append(try timed { try request.run() })
      if let session {
        let image = images[round % images.count]
        rest(pause)
        inspections.append(try timed { _ = try session.inspect(image) })
      }
      round += 1
    }
    progress(WorkProgress("bench", 2, 4))
    let throughput = try throughput(Network(onnx: onnx, inputShape: shape, mode: .throughput), seconds: seconds)
    progress(WorkProgress("bench", 3, 4))
    var inspectThroughput: Double?
    if !isBackbone, !images.isEmpty {
      let inspector = try Inspector(path: subject, mode: .throughput)
      let warm = Array(images.prefix(8))
      try inspector.inspect(warm) { _, _ in }
      let many = (0..<1000).map { images[$0 % images.count] }
      let took = try timed { try inspector.inspect(many) { _, _ in } }
      inspectThroughput = 1e6 / took
    }
    progress(WorkProgress("bench", 4, 4))
    return Benchmark(
      subject: subject, compileMilliseconds: compile, latencyMedian: GraphTiming.percentile(latencies, 0.5),
      latencyP99: GraphTiming.percentile(latencies, 0.99),
      inspectMedian: inspections.isEmpty ? nil : GraphTiming.percentile(inspections, 0.5),
      inspectP99: inspections.isEmpty ? nil : GraphTiming.percentile(inspections, 0.99), throughput: throughput,
      inspectThroughput: inspectThroughput, threads: Machine.coreCount, processor: Machine.processor().name)
  }

  private static func rest(_ milliseconds: Double) {
    if milliseconds > 0 { Thread.sleep(forTimeInterval: milliseconds / 1000) }
  }

  private static func timed(_ body: () throws -> Void) rethrows -> Double {
    let start = Clock.milliseconds
    try body()
    return Clock.milliseconds - start
  }

  /// Every core runs its own request in a loop.
  private static func throughput(_ network: Network, seconds: Double) throws -> Double {
    let runs = Mutex(0)
    let failure = Mutex<RuntimeError?>(nil)
    let start = Clock.milliseconds
    let end = start + seconds * 1000
    DispatchQueue.concurrentPerform(iterations: network.parallelRequests) { _ in
      do throws(RuntimeError) {
        let request = try network.makeRequest()
        while Clock.milliseconds < end {
          try request.run()
          runs.withLock { $0 += 1 }
        }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return Double(runs.withLock { $0 }) / (Clock.milliseconds - start) * 1000
  }
}
