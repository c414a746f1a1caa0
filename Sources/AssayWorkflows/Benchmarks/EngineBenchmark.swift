import AssayBase
import AssayRuntime

/// The same graph in every engine that this machine has, measured in turn.
public struct EngineBenchmark: Sendable, Encodable {
  /// How far an output is from the same one of the first engine.
  public struct Difference: Sendable, Encodable {
    public let engine: String
    public let output: String
    /// The largest difference between two values.
    public let largest: Double
    /// The largest value of the first engine.
    public let scale: Double
  }

  public let engines: [Benchmark]
  public let differences: [Difference]
  /// Engines that cannot be used here, and why.
  public let missing: [String: String]

  /// - Parameter subject: a bundle's path or a backbone's name.
  /// - Throws: when no engine can be used.
  public static func run(
    _ subject: String, _ plan: Benchmark.Plan = .init(), progress: ProgressHandler = { _ in }
  ) throws(WorkflowError) -> EngineBenchmark {
    do {
      let graph = try BenchmarkSubject(subject)
      var runs: [BenchmarkRun] = []
      var missing: [String: String] = [:]
      for kind in EngineKind.allCases {
        do throws(RuntimeError) {
          _ = try kind.opened()
        } catch {
          missing[kind.rawValue] = error.description
          continue
        }
        runs.append(try BenchmarkRun(graph, plan, Engines(kind)))
      }
      guard !runs.isEmpty else {
        throw WorkflowError(.unavailable, missing.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; "))
      }
      try BenchmarkRun.measure(runs, plan, progress)
      return EngineBenchmark(engines: runs.map(\.result), differences: try differences(runs), missing: missing)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func differences(_ runs: [BenchmarkRun]) throws -> [Difference] {
    let first = try runs[0].outputs()
    return try runs.dropFirst().flatMap { run in
      let other = try run.outputs()
      return first.sorted { $0.key < $1.key }.map { name, tensor in
        let values = other[name]?.values ?? []
        let largest = zip(tensor.values, values).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
        return Difference(
          engine: run.result.engine, output: name, largest: values.count == tensor.values.count ? largest : .infinity,
          scale: tensor.values.reduce(0) { max($0, Double(abs($1))) })
      }
    }
  }
}
