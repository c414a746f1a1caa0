import AssayBundle
package import AssayRuntime
import AssayWeights

/// What a network answered for one image: a request that has run, or numbers that are known.
package protocol NetworkOutputs {
  /// nil when there is no output of that name.
  func shape(_ name: String) -> [Int]?
  func withOutput<Result>(
    _ name: String, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) throws(RuntimeError) -> Result
}

extension InferenceRequest: NetworkOutputs {}

/// Numbers that are known: what a post-processor makes of them does not depend on a processor's last digits.
package struct FixedOutputs: NetworkOutputs, Sendable {
  private let tensors: [String: Tensor]

  package init(_ tensors: [String: Tensor]) { self.tensors = tensors }

  package var shapes: GraphOutputs { GraphOutputs(tensors.mapValues(\.shape)) }

  package func shape(_ name: String) -> [Int]? { tensors[name]?.shape }

  package func withOutput<Result>(
    _ name: String, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) throws(RuntimeError) -> Result {
    guard let tensor = tensors[name] else {
      throw RuntimeError(operation: "read output \(name)", cause: "there is none", remedy: "name it")
    }
    return tensor.values.withUnsafeBufferPointer(body)
  }
}

extension NetworkOutputs {
  /// The values of an output that a verdict rests on.
  /// - Throws: ``InspectionError/notFinite(name:output:)`` when one is no number.
  func finite(_ output: String, of name: String) throws -> [Double] {
    let values = try withOutput(output) { $0.map(Double.init) }
    guard values.allSatisfy(\.isFinite) else { throw InspectionError.notFinite(name: name, output: output) }
    return values
  }

  /// The same without copying.
  func withFinite<Result>(
    _ output: String, of name: String, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) throws -> Result {
    let result = try withOutput(output) { $0.areFinite ? body($0) : nil }
    guard let result else { throw InspectionError.notFinite(name: name, output: output) }
    return result
  }
}

/// Names and shapes of a graph's outputs for one image, to be compared with what the manifest says.
package struct GraphOutputs: Sendable {
  private let shapes: [String: [Int]]

  package init(_ shapes: [String: [Int]]) { self.shapes = shapes }

  package init(_ network: Network) {
    shapes = Dictionary(network.outputs.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
  }

  func has(_ name: String) -> Bool { shapes[name] != nil }

  /// The last two sides of an output.
  func sides(_ name: String) -> (rows: Int, columns: Int)? {
    shapes[name].flatMap { $0.count >= 2 ? ($0[$0.count - 2], $0[$0.count - 1]) : nil }
  }

  /// - Parameter expected: nil for a side that may have any length from 1.
  /// - Throws: ``ManifestFault`` when the graph has no such output, or one of another shape.
  func require(_ name: String, _ expected: [Int?]) throws(ManifestFault) {
    let wanted = expected.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
    guard let shape = shapes[name] else {
      throw ManifestFault("model.onnx", "has no output \(name) [\(wanted)]")
    }
    let fits = shape.count == expected.count && zip(shape, expected).allSatisfy { $0 == ($1 ?? $0) && $0 >= 1 }
    guard fits else { throw ManifestFault("model.onnx", "has the output \(name) \(shape), expected [\(wanted)]") }
  }
}
