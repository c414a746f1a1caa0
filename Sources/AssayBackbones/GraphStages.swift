import AssayBase
package import AssayGraph
package import AssayRuntime

/// Finds the depths of a network of which only the graph is known.
package enum GraphStages {
  /// Elements of one value for one image: 1 GiB of floats. A small file can ask for any number.
  private static let largestValue = 1 << 28

  /// Name of the only input, which must be an image.
  package static func imageInput(of model: ONNXModel, _ path: String) throws -> String {
    let images = model.inputs.filter { $0.shape.count == 4 && ($0.shape[1] == 3 || $0.shape[1] == -1) }
    guard model.inputs.count == 1, let input = images.first else {
      let found = model.inputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
      throw WorkflowError(
        .badData,
        "\(path): one image input [N, 3, H, W] is expected, it has \(found.isEmpty ? "none" : found); export "
          + "the network without pre- and post-processing")
    }
    return input.name
  }

  /// Side of the square image that a graph was exported for; nil when it takes several.
  package static func fixedSide(of model: ONNXModel) -> Int? {
    guard let shape = model.inputs.first?.shape, shape.count == 4, shape[2] == shape[3] else { return nil }
    return shape[2] > 0 ? shape[2] : nil
  }

  /// One tap for each resolution: of the widest values there, the last, activations before others.
  package static func taps(of model: ONNXModel, size: Int, _ path: String, _ engines: Engines) throws -> [Tap] {
    let candidates = ImportedBackbone.candidates(in: model)
    guard !candidates.isEmpty else {
      throw WorkflowError(.badData, "\(path): no layers of a convolutional network were found in it; import another")
    }
    let shapes = try shapes(of: model, size: size, path, engines)
    let activations: Set<String> = ["Relu", "Clip", "LeakyRelu", "HardSwish", "Mul", "Sigmoid", "PRelu", "Elu"]
    var best: [Int: (name: String, channels: Int, rank: Int)] = [:]
    for (name, operation) in candidates {
      guard let shape = shapes[name], shape.count == 4, shape[2] == shape[3], shape[2] > 1, shape[2] < size,
        size % shape[2] == 0
      else { continue }
      let stride = size / shape[2]
      let rank = activations.contains(operation) ? 1 : 0
      if let known = best[stride], known.channels > shape[1] || (known.channels == shape[1] && known.rank > rank) {
        continue
      }
      best[stride] = (name, shape[1], rank)
    }
    guard !best.isEmpty else {
      throw WorkflowError(
        .badData, "\(path): no value of it is a map whose side divides the input of \(size) pixels; try --input-size")
    }
    return best.sorted { $0.key < $1.key }.map { Tap(name: $0.value.name, channels: $0.value.channels, stride: $0.key) }
  }

  /// Of every value that has one, found without computing anything.
  private static func shapes(
    of model: ONNXModel, size: Int, _ path: String, _ engines: Engines
  ) throws -> [String: [Int]] {
    let names = model.proto.graph.node.flatMap(\.output).filter { !$0.isEmpty }
    let exposed = ImportedBackbone.exposing(names, in: model)
    let onnx = try exposed.serialized()
    let shapes: [String: [Int]]
    do throws(RuntimeError) {
      shapes = try Network.shapes(onnx: onnx, inputShape: [1, 3, size, size], engines: engines)
    } catch {
      throw WorkflowError(.badData, "\(path): its graph does not fit together (\(error.cause)); export it again")
    }
    for name in names {
      guard let shape = shapes[name] else { continue }
      var count = 1
      for extent in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow, product <= largestValue else {
          throw WorkflowError(
            .badData,
            "\(path): its value \(name.prefix(80)) would have the shape \(shape), too large for this program; do not use "
              + "this file")
        }
        count = product
      }
    }
    return shapes
  }

  package static func defaults(_ taps: [Tap], strides: [Int]) -> [String] {
    let chosen = taps.filter { strides.contains($0.stride) }
    return (chosen.isEmpty ? taps : chosen).map(\.name)
  }
}
