import AssayTestSupport
import Testing

/// Who takes an inspector.
enum Consumer: String, CaseIterable, Sendable, CustomStringConvertible {
  case inspect, evaluate, http, openInference, correct, thresholdCommand, thresholdRoute, retrain, drift, modbus, mqtt,
    watch, overlay, report, compare, export, uncertain

  var description: String { rawValue }
}

/// Every kind of inspector before everyone who takes one. No cell is empty: who cannot take a kind says so by name, and
/// what to do instead.
@Suite struct KindTests {
  @Test(arguments: BundleKind.allCases, Consumer.allCases)
  func cell(_ kind: BundleKind, _ consumer: Consumer) async throws {
    switch consumer {
    case .inspect: try inspect(Bench(kind))
    case .evaluate: try evaluate(Bench(kind))
    case .http: try await inspectOverHTTP(kind)
    case .openInference: try await infer(kind)
    case .correct: try await correct(kind)
    case .thresholdCommand: try setThresholdByCommand(Bench(kind))
    case .thresholdRoute: try await setThresholdOverHTTP(kind)
    case .retrain: try await retrain(kind)
    case .drift: try await drift(kind)
    case .modbus: try await modbus(kind)
    case .mqtt: try await mqtt(kind)
    case .watch: try watch(Bench(kind))
    case .overlay: try draw(Bench(kind))
    case .report: try await report(kind)
    case .compare: try compare(kind)
    case .export: try export(Bench(kind))
    case .uncertain: try await uncertain(kind)
    }
  }
}
