public import AssayBase

/// Clipping by the global norm (Pascanu, Mikolov and Bengio 2013; `torch.nn.utils.clip_grad_norm_`): when the L2 norm of all
/// gradients together exceeds a maximum, all are scaled down by the same factor.
public struct GradientClipping: Sendable, Hashable {
  /// Above 0; infinite to measure only.
  public let maximumNorm: Double

  public init(maximumNorm: Double) {
    precondition(maximumNorm > 0, "a maximum norm of \(maximumNorm)")
    self.maximumNorm = maximumNorm
  }

  /// Squares are summed in double precision, where no finite gradient overflows, so a norm that is not finite means that
  /// a gradient is not.
  /// - Returns: the norm before clipping.
  /// - Throws: ``NonFiniteGradient``, the gradients unchanged; a step with them would ruin the parameters.
  @discardableResult public func clip(
    _ tensors: [ParameterTensor], parallel: WorkDivision = onOneThread
  ) throws(NonFiniteGradient) -> Double {
    let blocks = ParameterBlocks(tensors.map(\.gradient.count))
    var sums = [Double](repeating: 0, count: blocks.blocks.count)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = DividedMemory(sums)
      blocks.forEach(parallel) { index, block in
        let gradient = DividedMemory(tensors[block.tensor].gradient).at(block.start)
        sums.at(index).pointee = Self.sumOfSquares(gradient, count: block.count)
      }
    }
    let norm = sums.reduce(0, +).squareRoot()
    guard norm.isFinite else {
      let first = zip(blocks.blocks, sums).first { !$1.isFinite }
      throw NonFiniteGradient(tensor: first?.0.tensor ?? 0)
    }
    // PyTorch's constant, which keeps the quotient finite.
    let factor = maximumNorm / (norm + 1e-6)
    if factor < 1 {
      blocks.forEach(parallel) { _, block in
        let gradient = DividedMemory(tensors[block.tensor].gradient).at(block.start)
        for index in 0..<block.count { gradient[index] *= Float(factor) }
      }
    }
    return norm
  }

  private static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
    // Eight sums: the compiler may not reorder a single one, and so could not use vector instructions.
    var sums = SIMD8<Double>(repeating: 0)
    var at = 0
    while at + 8 <= count {
      let part = SIMD8<Double>(UnsafeRawPointer(x + at).loadUnaligned(as: SIMD8<Float>.self))
      sums += part * part
      at += 8
    }
    var total = sums.sum()
    while at < count {
      total += Double(x[at]) * Double(x[at])
      at += 1
    }
    return total
  }
}

/// A gradient has an infinite or undefined element.
public struct NonFiniteGradient: Error, Sendable, Hashable, CustomStringConvertible {
  /// Index of the first such tensor.
  public let tensor: Int

  package init(tensor: Int) { self.tensor = tensor }

  public var remedy: String { "lower the learning rate, or look for images or weights that are not finite" }
  public var description: String { "the gradient of tensor \(tensor) is not finite; \(remedy)" }
}

extension NonFiniteGradient: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.badData, "training diverged: \(self)") }
}
