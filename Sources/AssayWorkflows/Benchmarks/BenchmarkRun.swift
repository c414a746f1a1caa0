import AssayBase
import AssayEvaluation
import AssayInspection
import AssayRuntime
import Foundation
import Synchronization

/// One engine that a graph is timed in. Several are measured in turn, so that all see the same machine.
final class BenchmarkRun {
  private let subject: BenchmarkSubject
  private let plan: Benchmark.Plan
  private let engines: Engines
  private let engine: any InferenceEngine
  private let compileMilliseconds: Double
  private let network: Network
  private let request: InferenceRequest
  private let session: InspectionSession?
  private var latencies: [Double] = []
  private var inspections: [Double] = []
  private var throughputs: [Double] = []
  private var inspectThroughput: Double?

  init(_ subject: BenchmarkSubject, _ plan: Benchmark.Plan, _ engines: Engines) throws {
    self.subject = subject
    self.plan = plan
    self.engines = engines
    engine = try engines.engine()
    let start = Clock.milliseconds
    network = try Network(onnx: subject.onnx, inputShape: subject.shape, mode: .latency, engines: engines)
    compileMilliseconds = Clock.milliseconds - start
    request = try network.makeRequest()
    session =
      try plan.images.isEmpty
      ? nil : subject.bundle.map { try Inspector(path: $0, mode: .latency, engines: engines).makeSession() }
  }

  /// Measures all, one after the other in each round.
  static func measure(_ runs: [BenchmarkRun], _ plan: Benchmark.Plan, _ progress: ProgressHandler) throws {
    progress(WorkProgress("bench", 0, 4))
    for run in runs { for _ in 0..<10 { try run.warm() } }
    let end = Clock.milliseconds + plan.seconds * 1000 * Double(runs.count)
    var round = 0
    while Clock.milliseconds < end || round < 30 {
      for run in runs { try run.look(round) }
      round += 1
    }
    progress(WorkProgress("bench", 2, 4))
    // In turn as well: a machine that others use is not the same from one second to the next.
    for _ in 0..<2 { for run in runs { try run.stream(seconds: plan.seconds / 2) } }
    progress(WorkProgress("bench", 3, 4))
    for run in runs { try run.inspectMany() }
    progress(WorkProgress("bench", 4, 4))
  }

  var result: Benchmark {
    Benchmark(
      subject: subject.name, engine: "\(engine.name) \(engine.version)", compileMilliseconds: compileMilliseconds,
      latencyMedian: GraphTiming.percentile(latencies, 0.5), latencyP99: GraphTiming.percentile(latencies, 0.99),
      inspectMedian: inspections.isEmpty ? nil : GraphTiming.percentile(inspections, 0.5),
      inspectP99: inspections.isEmpty ? nil : GraphTiming.percentile(inspections, 0.99),
      throughput: throughputs.reduce(0, +) / Double(max(1, throughputs.count)), inspectThroughput: inspectThroughput,
      threads: Machine.coreCount, processor: Machine.processor().name)
  }

  /// Every output for one input that is the same each time.
  func outputs() throws -> [String: Tensor] {
    // The golden ratio's multiples are spread evenly over 0...1.
    try network.run(
      (0..<subject.shape.reduce(1, *)).map {
        Float((Double($0) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1))
      })
  }

  private func warm() throws {
    try request.run()
    if let session { _ = try session.inspect(plan.images[0]) }
  }

  private func look(_ round: Int) throws {
    rest()
    latencies.append(try timed { try request.run() })
    guard let session else { return }
    let image = plan.images[round % plan.images.count]
    rest()
    inspections.append(try timed { _ = try session.inspect(image) })
  }

  private func rest() {
    if plan.pause > 0 { Thread.sleep(forTimeInterval: plan.pause / 1000) }
  }

  private func timed(_ body: () throws -> Void) rethrows -> Double {
    let start = Clock.milliseconds
    try body()
    return Clock.milliseconds - start
  }

  /// Every core runs its own request in a loop.
  private func stream(seconds: Double) throws {
    let network = try Network(onnx: subject.onnx, inputShape: subject.shape, mode: .throughput, engines: engines)
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
    throughputs.append(Double(runs.withLock { $0 }) / (Clock.milliseconds - start) * 1000)
  }

  private func inspectMany() throws {
    guard let bundle = subject.bundle, !plan.images.isEmpty else { return }
    let inspector = try Inspector(path: bundle, mode: .throughput, engines: engines)
    try inspector.inspect(Array(plan.images.prefix(8))) { _, _ in }
    let many = (0..<1000).map { plan.images[$0 % plan.images.count] }
    inspectThroughput = 1e6 / (try timed { try inspector.inspect(many) { _, _ in } })
  }
}
