import AssayGraph
import Foundation

/// Foundation's `exp`, by a name that does not need the import where it is used.
func exponential(_ x: Double) -> Double { exp(x) }

extension ReferenceOperation {
  /// Functions of one element.
  func pointwise() throws -> ReferenceTensor {
    let x = try input(0)
    switch node.opType {
    case "Relu": return x.map { max(0, $0) }
    case "LeakyRelu":
      let alpha = number("alpha", default: 0.01)
      return x.map { $0 < 0 ? alpha * $0 : $0 }
    case "Clip":
      let low = optional(1)?.values.first ?? number("min", default: -.infinity)
      let high = optional(2)?.values.first ?? number("max", default: .infinity)
      return x.map { min(max($0, low), high) }
    case "Sigmoid": return x.map { 1 / (1 + exp(-$0)) }
    case "HardSigmoid":
      let alpha = number("alpha", default: 0.2)
      let beta = number("beta", default: 0.5)
      return x.map { max(0, min(1, alpha * $0 + beta)) }
    case "HardSwish": return x.map { $0 * max(0, min(1, $0 / 6 + 0.5)) }
    case "Tanh": return x.map { tanh($0) }
    case "Erf": return x.map { erf($0) }
    case "Gelu":
      // Hendrycks and Gimpel 2016: x times the normal distribution function, or their approximation of it.
      guard string("approximate", default: "none") == "tanh" else { return x.map { $0 * (1 + erf($0 / sqrt(2))) / 2 } }
      return x.map { $0 * (1 + tanh(sqrt(2 / .pi) * ($0 + 0.044715 * $0 * $0 * $0))) / 2 }
    case "Softplus": return x.map { log1p(exp(-abs($0))) + max(0, $0) }
    case "Sqrt": return x.map { $0.squareRoot() }
    case "Exp": return x.map { exp($0) }
    case "Neg": return x.map { -$0 }
    case "Reciprocal": return x.map { 1 / $0 }
    default: throw failure("\(node.opType) is no function of one element")
    }
  }

  /// Functions of two elements, with NumPy's broadcasting.
  func binary() throws -> ReferenceTensor {
    let a = try input(0)
    let b = try input(1)
    switch node.opType {
    case "Add": return try combine(a, b, +)
    case "Sub": return try combine(a, b, -)
    case "Mul": return try combine(a, b, *)
    case "Div": return try combine(a, b) { a.isInteger ? ($0 / $1).rounded(.towardZero) : $0 / $1 }
    case "Pow": return try combine(a, b) { pow($0, $1) }
    default: throw failure("\(node.opType) is no function of two elements")
    }
  }

  func combine(
    _ a: ReferenceTensor, _ b: ReferenceTensor, _ function: (Double, Double) -> Double
  ) throws -> ReferenceTensor {
    guard let shape = ReferenceTensor.broadcastShape(a.shape, b.shape) else {
      throw failure("\(a.shape) and \(b.shape) cannot be broadcast")
    }
    return ReferenceTensor(
      shape: shape, values: zip(a.broadcast(to: shape).values, b.broadcast(to: shape).values).map(function))
  }

  /// The identity, or the product with a mask that was drawn elsewhere.
  func dropout() throws -> ReferenceTensor {
    let x = try input(0)
    guard let mask else { return x }
    guard mask.count == x.values.count else { throw failure("a mask of \(mask.count) values for shape \(x.shape)") }
    return ReferenceTensor(shape: x.shape, values: zip(x.values, mask).map { $0 * $1 })
  }
}
