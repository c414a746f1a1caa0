import Foundation

extension ONNXModel {
  /// A float constant of the graph, row-major; nil when there is none of that name.
  public func constant(_ name: String) -> (values: [Float], shape: [Int])? {
    guard let tensor = proto.graph.initializer.first(where: { $0.name == name }), tensor.dataType == 1 else {
      return nil
    }
    let shape = tensor.dims.map(Int.init)
    let count = shape.reduce(1, *)
    if tensor.floatData.count == count, count > 0 { return (tensor.floatData, shape) }
    guard tensor.rawData.count == 4 * count else { return nil }
    return (tensor.rawData.withUnsafeBytes(FloatBytes.decode), shape)
  }
}
