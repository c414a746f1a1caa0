extension GraphReader {
  /// Slices with a step of 1, and padding with zeros; bounds must be constants.
  mutating func window(_ node: ONNXNode) throws {
    let x = try shape(node.input(0), node)
    func integers(_ index: Int, _ attribute: String) throws -> [Int]? {
      guard node.inputs.count > index, !node.inputs[index].isEmpty else { return node.ints(attribute) }
      guard let constant = constant(node.inputs[index]) else { throw node.unsupported("bounds that are not constants") }
      return constant.integers
    }
    func places(_ axes: [Int]?, _ count: Int) throws -> [Int] {
      let axes = (axes ?? Array(0..<count)).map { $0 < 0 ? $0 + x.count : $0 }
      guard axes.count == count, Set(axes).count == count, axes.allSatisfy(x.indices.contains) else {
        throw node.unsupported("these axes")
      }
      return axes
    }
    var offsets = [Int](repeating: 0, count: x.count)
    var result = x
    if node.operation == "Slice" {
      guard let starts = try integers(1, "starts"), let ends = try integers(2, "ends"), starts.count == ends.count
      else {
        throw node.unsupported("a slice without bounds")
      }
      guard try integers(4, "steps")?.allSatisfy({ $0 == 1 }) ?? true else {
        throw node.unsupported("a slice with steps")
      }
      for (place, axis) in try places(try integers(3, "axes"), starts.count).enumerated() {
        // Counted from the end below zero, and cut to the tensor (ONNX).
        func bound(_ value: Int) -> Int { min(max(value < 0 ? value + x[axis] : value, 0), x[axis]) }
        offsets[axis] = bound(starts[place])
        result[axis] = bound(ends[place]) - offsets[axis]
      }
    } else {
      guard (node.string("mode") ?? "constant") == "constant" else {
        throw node.unsupported("padding that is not constant")
      }
      if node.inputs.count > 2, !node.inputs[2].isEmpty {
        guard let value = constant(node.inputs[2])?.floats.first, value == 0 else {
          throw node.unsupported("padding with anything but zeros")
        }
      }
      guard node.float("value", default: 0) == 0, let pads = try integers(1, "pads"), pads.count % 2 == 0 else {
        throw node.unsupported("this padding")
      }
      let count = pads.count / 2
      guard pads.allSatisfy({ (-(1 << 20)...1 << 20).contains($0) }) else { throw node.unsupported("this padding") }
      for (place, axis) in try places(try integers(3, "axes"), count).enumerated() {
        offsets[axis] = -pads[place]
        result[axis] += pads[place] + pads[place + count]
      }
    }
    guard !x.isEmpty, result.allSatisfy({ $0 > 0 }), result[0] == x[0], offsets[0] == 0 else {
      throw node.unsupported("a result of \(result) from \(x)")
    }
    try append(node, .window(offsets), [node.input(0)], result)
  }
}
