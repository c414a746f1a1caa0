/// A dense row-major array in double precision.
struct ReferenceTensor: Sendable, Equatable {
  var shape: [Int]
  var values: [Double]
  /// Shapes, axes and indices travel as whole numbers, whose division truncates.
  var isInteger = false

  init(shape: [Int], values: [Double]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    self.shape = shape
    self.values = values
  }

  init(integers: [Int]) {
    self.init(shape: [integers.count], values: integers.map(Double.init))
    isInteger = true
  }

  var rank: Int { shape.count }

  /// The values as whole numbers; ONNX writes "to the end" as the largest Int64, which is no Int once it was a Double.
  var integers: [Int] { values.map { Int(max(-0x1p62, min(0x1p62, $0))) } }

  /// Elements between neighbours along each axis.
  var strides: [Int] { Self.strides(of: shape) }

  static func strides(of shape: [Int]) -> [Int] {
    var strides = shape
    var step = 1
    for axis in shape.indices.reversed() {
      strides[axis] = step
      step *= shape[axis]
    }
    return strides
  }

  /// The element `[n, c, y, x]` of an `[N, C, H, W]` tensor.
  subscript(n: Int, c: Int, y: Int, x: Int) -> Double {
    get { values[((n * shape[1] + c) * shape[2] + y) * shape[3] + x] }
    set { values[((n * shape[1] + c) * shape[2] + y) * shape[3] + x] = newValue }
  }

  func map(_ transform: (Double) -> Double) -> Self { Self(shape: shape, values: values.map(transform)) }

  func reshaped(_ shape: [Int]) -> Self { Self(shape: shape, values: values) }
}

// MARK: Views

extension ReferenceTensor {
  /// The tensor whose element at position p is `values[offset + sum(p[i] * strides[i])]`.
  func view(shape: [Int], strides: [Int], offset: Int = 0) -> Self {
    let count = shape.reduce(1, *)
    var result: [Double] = []
    result.reserveCapacity(count)
    var position = [Int](repeating: 0, count: shape.count)
    for _ in 0..<count {
      var index = offset
      for axis in shape.indices { index += position[axis] * strides[axis] }
      result.append(values[index])
      for axis in shape.indices.reversed() {
        position[axis] += 1
        if position[axis] < shape[axis] { break }
        position[axis] = 0
      }
    }
    return Self(shape: shape, values: result)
  }

  /// - Parameter permutation: axis i of the result is axis `permutation[i]` of this tensor.
  func transposed(_ permutation: [Int]) -> Self {
    view(shape: permutation.map { shape[$0] }, strides: permutation.map { strides[$0] })
  }

  /// Part of one axis, or several parts of it, in the order of `indices`.
  func selecting(_ indices: [Int], axis: Int) -> Self {
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    var result: [Double] = []
    for block in 0..<outer {
      for index in indices {
        let start = (block * shape[axis] + index) * inner
        result += values[start..<start + inner]
      }
    }
    var target = shape
    target[axis] = indices.count
    return Self(shape: target, values: result)
  }

  /// Repeats extents of 1, NumPy's rule.
  /// - Parameter target: a shape this tensor can be broadcast to.
  func broadcast(to target: [Int]) -> Self {
    let lead = target.count - rank
    let steps = target.indices.map { axis in
      axis < lead || shape[axis - lead] == 1 ? 0 : strides[axis - lead]
    }
    return view(shape: target, strides: steps)
  }

  /// The shape that two tensors have together under NumPy's rule; nil when they have none.
  static func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
    var result: [Int] = []
    for back in 1..<max(a.count, b.count) + 1 {
      let first = back <= a.count ? a[a.count - back] : 1
      let second = back <= b.count ? b[b.count - back] : 1
      guard first == second || first == 1 || second == 1 else { return nil }
      result.insert(first == 1 ? second : first, at: 0)
    }
    return result
  }
}
