import AssayGraph
import AssayWeights
import Synchronization

/// Names and shapes of tensors as text, a line each (`layer1.0.conv1.weight 64 64 1 1`): what network a file of weights is
/// taken for depends on them alone, and with values a file would be a hundred megabytes.
enum NetworkShapes {
  private static let networks: [any Architecture] = [
    ResNet(.resnet18), ResNet(.resnet50), ResNetV2(.fifty, .groups), VGG(.sixteen, hasBatchNormalisation: true),
    InceptionV3(), InvertedResidualNetwork(.mobileNetV2), InvertedResidualNetwork(.efficientNetB0), ConvNeXt(.tiny),
    VisionTransformer(
      .init(width: 384, depth: 12, patch: 14, gridSide: 37, registers: 4, hasLayerScale: true, hasClassPosition: true),
      naming: .dinov2),
  ]

  @Sendable static func seeds() throws -> [[UInt8]] {
    try networks.map { network in
      let recorder = Recorder()
      _ = try inventory(network, recorder)
      let lines = recorder.shapes.withLock { $0 }.sorted { $0.key < $1.key }
      return Array(lines.map { "\($0) \($1.map(String.init).joined(separator: " "))\n" }.joined().utf8)
    }
  }

  @Sendable static func recognise(_ bytes: [UInt8]) throws {
    var shapes: [String: [Int]] = [:]
    for line in bytes.split(separator: 10) {
      let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
      // Files cannot have negative sizes: their readers refuse them.
      if let name = words.first { shapes[name] = words.dropFirst().compactMap { Int($0) }.filter { $0 >= 0 } }
    }
    guard let network = NetworkRecognition.candidate(TensorShapes(shapes), nil) else { return }
    _ = try inventory(network, GivenShapes(shapes: shapes))
  }

  private static func inventory(_ network: some Architecture, _ source: some WeightSource) throws -> ParameterInventory
  {
    try ParameterInventory(of: network, in: source)
  }

  /// Notes what is asked for.
  private final class Recorder: WeightSource {
    let shapes = Mutex<[String: [Int]]>([:])

    func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> StateDict.Tensor {
      shapes.withLock { $0[name] = shape }
      return StateDict.Tensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }
  }

  /// Zeros of the shapes that a file names, as far as a small file can have them.
  private struct GivenShapes: WeightSource {
    let shapes: [String: [Int]]

    func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> StateDict.Tensor {
      guard shapes[name] == shape else {
        throw WeightsError(file: "weights", cause: "\(name) is missing or has another shape", remedy: "take others")
      }
      var count = 1
      for extent in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow, product <= 1 << 16 else {
          throw WeightsError(file: "weights", cause: "\(name) is larger than the file", remedy: "take others")
        }
        count = product
      }
      return StateDict.Tensor(shape: shape, values: [Float](repeating: 0, count: count))
    }
  }
}
