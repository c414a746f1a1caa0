import AssayBackbones
import AssayBase
import AssayGraph
import AssayInspection
import AssayRuntime
import AssayTraining
import AssayWeights
import Foundation

/// How fast a network trains on this machine: full steps, with normalisation by the batch and SGD with momentum.
public struct TrainingBenchmark: Sendable, Encodable {
  public let subject: String
  public let batchSize: Int
  /// Side of the input in pixels.
  public let inputSize: Int
  /// The part that is trained begins behind this tap; nil for all.
  public let frozenTo: String?
  /// Of each step.
  public let millisecondsPerImage: [Double]
  /// Activations, their gradients and rearranged weights.
  public let activationMiB: Int
  /// Of the whole process.
  public let peakMiB: Int
  public let parameters: Int
  public let threads: Int

  /// Networks that can be timed without weights: their speed does not depend on them.
  public static let architectures: [String] = [
    InvertedResidualNetwork.Variant.mobileNetV2.rawValue, "resnet18", "resnet50",
  ]

  /// - Parameters:
  ///   - subject: a backbone's name, or one of ``architectures`` with made-up weights.
  ///   - frozenTo: a tap; what lies before it is not run at all, as in training from cached activations.
  ///   - steps: at least 1; one more is run first and not counted.
  public static func run(
    _ subject: String, batchSize: Int = 16, inputSize: Int = 224, frozenTo: String? = nil, steps: Int = 5,
    threads: Int = Machine.coreCount
  ) throws(WorkflowError) -> TrainingBenchmark {
    do {
      let backbone = try Self.backbone(subject)
      guard let last = backbone.taps.last?.name else {
        throw WorkflowError(.usage, "\(subject): it has no depth to read")
      }
      let graph = try TrainableGraph(
        backbone, FeatureSpecification(taps: [last], width: inputSize, height: inputSize), cut: frozenTo)
      guard let value = graph.values[last]?.name else { throw WorkflowError(.usage, "\(subject): it has no \(last)") }
      let input = graph.tailInput
      let network = try TrainingNetwork(
        graph.tail, input: input.name, inputShape: [batchSize] + input.shape, outputs: [value],
        options: .init(threads: threads))
      func fill() {
        network.withInput { values in
          for index in values.indices { values[index] = Float((index &* 2_654_435_761) >> 7 & 1023) / 1024 }
        }
      }
      guard let gradient = network.outputGradient(value) else {
        throw WorkflowError(.usage, "\(subject): nothing of it is trained")
      }
      let trained = network.parameters.filter(\.isTrained)
      var optimiser = SGDMomentum(
        trained.map { OptimisedParameter(name: $0.name, count: $0.values.count, decays: $0.role == .weight) })
      let tensors = trained.map { ParameterTensor(values: $0.values, gradient: $0.gradient) }
      var times: [Double] = []
      let ones = [Float](repeating: 1e-5, count: gradient.shape.reduce(1, *))
      network.held {
        for step in 0...max(1, steps) {
          // The memory of both serves other layers during a step.
          fill()
          let start = Clock.milliseconds
          network.forward(iteration: step)
          gradient.set(ones)
          network.backward()
          optimiser.step(tensors, learningRate: 1e-4, parallel: network.divide)
          if step > 0 { times.append((Clock.milliseconds - start) / Double(batchSize)) }
        }
      }
      return TrainingBenchmark(
        subject: subject, batchSize: batchSize, inputSize: inputSize, frozenTo: frozenTo, millisecondsPerImage: times,
        activationMiB: network.activationMemory >> 20, peakMiB: peakMemory(),
        parameters: trained.reduce(0) { $0 + $1.values.count }, threads: threads)
    } catch {
      throw WorkflowError(error)
    }
  }

  public var median: Double { millisecondsPerImage.sorted()[millisecondsPerImage.count / 2] }

  private static func backbone(_ subject: String) throws -> any Backbone {
    switch subject {
    case InvertedResidualNetwork.Variant.mobileNetV2.rawValue:
      return UntrainedBackbone(InvertedResidualNetwork(.mobileNetV2))
    case "resnet18": return UntrainedBackbone(ResNet(.resnet18))
    case "resnet50": return UntrainedBackbone(ResNet(.resnet50))
    default: return try BackboneCatalogue.load(subject).trainable
    }
  }

  /// The high-water mark of this program; that of `getrusage` would count what its parent held when it was started.
  private static func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") }.map { $0 >> 10 } ?? 0
  }
}

/// An architecture with weights from a formula, for benchmarks.
private struct UntrainedBackbone<Network: Architecture>: Backbone {
  private let network: Network

  init(_ network: Network) { self.network = network }

  var description: BackboneDescription {
    BackboneDescription(name: network.name, nativeSize: 224, licence: "none", source: "untrained")
  }
  var weightsHash: String { "" }
  var taps: [Tap] { network.taps }
  var defaultTaps: [String] { taps.suffix(1).map(\.name) }
  var patchTaps: [String] { defaultTaps }

  func write(
    to builder: inout GraphBuilder, image: GraphValue, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    try network.write(to: &builder, image: image, weights: SeededWeights(), taps: wanted)
  }
}
