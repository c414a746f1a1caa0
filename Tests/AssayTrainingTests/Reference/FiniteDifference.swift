/// Derivatives by central differences: (f(x + h) - f(x - h)) / 2h, whose error falls with h squared.
enum FiniteDifference {
  /// - Parameters:
  ///   - f: a scalar function.
  ///   - x: where to take the gradient.
  ///   - elements: of `x`, in any order; nil for all.
  ///   - step: h, relative to an element or to 1, whichever is larger.
  /// - Returns: the derivatives by the elements asked for, in their order.
  static func gradient(
    of f: ([Double]) throws -> Double, at x: [Double], elements: [Int]? = nil, step: Double = 1e-5
  ) rethrows -> [Double] {
    var probe = x
    return try (elements ?? Array(x.indices)).map { index in
      let h = step * max(1, abs(x[index]))
      probe[index] = x[index] + h
      let above = probe[index]
      let high = try f(probe)
      probe[index] = x[index] - h
      let below = probe[index]
      let low = try f(probe)
      probe[index] = x[index]
      return (high - low) / (above - below)
    }
  }

  /// Elements to look at when there are too many, spread over all of them.
  /// - Parameters:
  ///   - count: how many; all, when there are no more than that.
  ///   - total: how many there are.
  /// - Returns: positions in rising order, without repetition.
  static func sample(_ count: Int, of total: Int, seed: UInt64 = 1) -> [Int] {
    guard count < total else { return Array(0..<total) }
    var random = SketchRandom(seed: seed)
    return (0..<total).shuffled(using: &random).prefix(count).sorted()
  }
}

extension ReferenceNetwork {
  /// d/dP of sum(c * output): what a backward pass that starts from c must find for P.
  /// - Parameters:
  ///   - output: any value of the graph.
  ///   - coefficients: c, as many as the output has elements.
  ///   - parameter: P: an initializer, an input, or a node's output (then with everything before it held fixed).
  ///   - inputs: as for ``run(_:parameters:isTraining:masks:)``, and so are the parameters that follow.
  ///   - elements: of P; nil for all.
  ///   - step: see ``FiniteDifference/gradient(of:at:elements:step:)``.
  func gradient(
    of output: String, coefficients: [Double], withRespectTo parameter: String, at inputs: [String: ReferenceTensor],
    parameters overrides: [String: [Double]] = [:], isTraining: Bool = false, masks: [String: [Double]] = [:],
    elements: [Int]? = nil, step: Double = 1e-5
  ) throws -> [Double] {
    let values = try run(inputs, parameters: overrides, isTraining: isTraining, masks: masks)
    guard let point = values[parameter], let result = values[output] else {
      throw ReferenceError(value: values[parameter] == nil ? parameter : output, cause: "there is no such value")
    }
    guard result.values.count == coefficients.count else {
      throw ReferenceError(value: output, cause: "\(coefficients.count) coefficients for shape \(result.shape)")
    }
    return try FiniteDifference.gradient(
      of: { probe in
        let moved = overrides.merging([parameter: probe]) { $1 }
        let result = try run(inputs, parameters: moved, isTraining: isTraining, masks: masks)[output]
        return zip(result?.values ?? [], coefficients).reduce(0) { $0 + $1.0 * $1.1 }
      }, at: point.values, elements: elements, step: step)
  }
}
