import AssayGraph

extension ReferenceOperation {
  func constant() throws -> ReferenceTensor {
    if let value = attribute("value") { return try ReferenceTensor(value.t) }
    if let value = attribute("value_float") { return ReferenceTensor(shape: [], values: [Double(value.f)]) }
    if let value = attribute("value_floats") {
      return ReferenceTensor(shape: [value.floats.count], values: value.floats.map(Double.init))
    }
    if let value = attribute("value_ints") { return ReferenceTensor(integers: value.ints.map(Int.init)) }
    if let value = attribute("value_int") { return ReferenceTensor(integers: [Int(value.i)]).asScalar() }
    throw failure("a constant without a value that is known")
  }

  /// Floating-point types keep their double precision.
  func cast() throws -> ReferenceTensor {
    var x = try input(0)
    switch integer("to", default: 0) {
    case 1, 11: x.isInteger = false
    case 6, 7:
      x = x.map { $0.rounded(.towardZero) }
      x.isInteger = true
    case let type: throw failure("cast to the data type \(type)")
    }
    return x
  }

  func shape() throws -> ReferenceTensor {
    let x = try input(0)
    func clamped(_ index: Int) -> Int { min(max(index < 0 ? index + x.rank : index, 0), x.rank) }
    let start = clamped(integer("start", default: 0))
    let end = clamped(integer("end", default: x.rank))
    return ReferenceTensor(integers: Array(x.shape[start..<max(start, end)]))
  }

  /// 0 keeps an extent (unless `allowzero`), -1 is what is left over.
  func reshape() throws -> ReferenceTensor {
    let x = try input(0)
    let wanted = try input(1).integers
    var target = wanted
    if integer("allowzero", default: 0) == 0 {
      for axis in target.indices where target[axis] == 0 {
        guard axis < x.rank else { throw failure("\(x.shape) has no axis \(axis) to keep") }
        target[axis] = x.shape[axis]
      }
    }
    if let open = target.firstIndex(of: -1) {
      target[open] = 1
      target[open] = x.values.count / max(1, target.reduce(1, *))
    }
    guard target.allSatisfy({ $0 >= 0 }), target.reduce(1, *) == x.values.count else {
      throw failure("\(x.shape) cannot be reshaped to \(wanted)")
    }
    return x.reshaped(target)
  }

  func flatten() throws -> ReferenceTensor {
    let x = try input(0)
    let given = integer("axis", default: 1)
    let first = given == x.rank ? given : try axis(given, rank: x.rank)
    return x.reshaped([x.shape[..<first].reduce(1, *), x.shape[first...].reduce(1, *)])
  }

  func squeeze() throws -> ReferenceTensor {
    let x = try input(0)
    let axes =
      try integers("axes", orInput: 1).map { try $0.map { try axis($0, rank: x.rank) } }
      ?? x.shape.indices.filter { x.shape[$0] == 1 }
    guard axes.allSatisfy({ x.shape[$0] == 1 }) else { throw failure("axes \(axes) of \(x.shape) are not all 1") }
    return x.reshaped(x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] })
  }

  func unsqueeze() throws -> ReferenceTensor {
    let x = try input(0)
    guard let given = integers("axes", orInput: 1) else { throw failure("no axes") }
    var target = x.shape
    for place in try given.map({ try axis($0, rank: x.rank + given.count) }).sorted() { target.insert(1, at: place) }
    return x.reshaped(target)
  }

  func transpose() throws -> ReferenceTensor {
    let x = try input(0)
    let permutation = integers("perm") ?? x.shape.indices.reversed()
    guard permutation.sorted() == Array(x.shape.indices) else { throw failure("\(permutation) for \(x.shape)") }
    return x.transposed(permutation)
  }

  func expand() throws -> ReferenceTensor {
    let x = try input(0)
    let wanted = try input(1).integers
    guard let target = ReferenceTensor.broadcastShape(x.shape, wanted) else {
      throw failure("\(x.shape) cannot be expanded to \(wanted)")
    }
    return x.broadcast(to: target)
  }

  func concatenate() throws -> ReferenceTensor {
    let parts = try inputs.indices.map { try input($0) }
    let first = try input(0)
    let along = try axis(integer("axis", default: 0), rank: first.rank)
    for part in parts {
      var expected = part.shape
      guard part.rank == first.rank else { throw failure("\(part.shape) beside \(first.shape)") }
      expected[along] = first.shape[along]
      guard expected == first.shape else { throw failure("\(part.shape) beside \(first.shape)") }
    }
    var target = first.shape
    target[along] = parts.reduce(0) { $0 + $1.shape[along] }
    var values: [Double] = []
    for block in 0..<target[..<along].reduce(1, *) {
      for part in parts {
        let length = part.shape[along...].reduce(1, *)
        values += part.values[block * length..<(block + 1) * length]
      }
    }
    return ReferenceTensor(shape: target, values: values)
  }

  /// Python's slices: negative positions count from the end, and those outside are clamped.
  func slice() throws -> ReferenceTensor {
    var x = try input(0)
    guard let starts = integers("starts", orInput: 1), let ends = integers("ends", orInput: 2) else {
      throw failure("no starts or no ends")
    }
    let axes = integers("axes", orInput: 3) ?? Array(starts.indices)
    let steps = optional(4)?.integers ?? starts.map { _ in 1 }
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
      throw failure("starts, ends, axes and steps do not belong together")
    }
    for (index, given) in axes.enumerated() {
      let along = try axis(given, rank: x.rank)
      let extent = x.shape[along]
      let allowed = steps[index] > 0 ? 0...extent : -1...extent - 1
      func clamped(_ position: Int) -> Int {
        min(max(position < 0 ? position + extent : position, allowed.lowerBound), allowed.upperBound)
      }
      let positions = stride(from: clamped(starts[index]), to: clamped(ends[index]), by: steps[index])
      x = x.selecting(Array(positions), axis: along)
    }
    return x
  }

  /// Zeros before and after, on the axes named.
  func pad() throws -> ReferenceTensor {
    let x = try input(0)
    guard let pads = integers("pads", orInput: 1) else { throw failure("no pads") }
    let axes = integers("axes", orInput: 3) ?? Array(x.shape.indices)
    var before = [Int](repeating: 0, count: x.rank)
    var shape = x.shape
    for (place, given) in axes.enumerated() {
      let along = try axis(given, rank: x.rank)
      before[along] = pads[place]
      shape[along] += pads[place] + pads[place + axes.count]
    }
    var result = ReferenceTensor(shape: shape, values: [Double](repeating: 0, count: shape.reduce(1, *)))
    let (steps, own) = (result.strides, x.strides)
    for index in x.values.indices {
      let target = x.shape.indices.reduce(0) { $0 + (index / own[$1] % x.shape[$1] + before[$1]) * steps[$1] }
      result.values[target] = x.values[index]
    }
    return result
  }

  func gather() throws -> ReferenceTensor {
    let x = try input(0)
    let indices = try input(1)
    let along = try axis(integer("axis", default: 0), rank: x.rank)
    let picked = try indices.integers.map { try axis($0, rank: x.shape[along]) }
    return x.selecting(picked, axis: along).reshaped(x.shape[..<along] + indices.shape + x.shape[(along + 1)...])
  }

  func split() throws -> [ReferenceTensor] {
    let x = try input(0)
    let along = try axis(integer("axis", default: 0), rank: x.rank)
    let extent = x.shape[along]
    // Equal parts, the last one smaller if they do not divide the axis.
    let part = (extent + node.output.count - 1) / max(1, node.output.count)
    let lengths =
      integers("split", orInput: 1)
      ?? node.output.indices.map { min(part, extent - $0 * part) }
    guard lengths.count == node.output.count, lengths.reduce(0, +) == extent else {
      throw failure("parts \(lengths) of \(extent) for \(node.output.count) outputs")
    }
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return x.selecting(Array(start..<start + length), axis: along)
    }
  }
}

extension ReferenceTensor {
  fileprivate func asScalar() -> Self {
    var scalar = reshaped([])
    scalar.isInteger = isInteger
    return scalar
  }
}
