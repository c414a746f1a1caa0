/// Activations that are smoother than ReLU, and what is made of them.
extension GraphBuilder {
  /// x / (1 + exp(-x)) (Elfwing et al. 2018), also called swish.
  package mutating func silu(_ x: GraphValue, name: String) -> GraphValue {
    let gate = node("Sigmoid", [x.name], name: name + ".sigmoid", shape: x.shape)
    return binary("Mul", x, gate, name: name)
  }

  /// x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, section 5.2).
  package mutating func hardSwish(_ x: GraphValue, name: String) -> GraphValue {
    node("HardSwish", [x.name], name: name, shape: x.shape)
  }

  /// min(max(x + 3, 0), 6) / 6
  package mutating func hardSigmoid(_ x: GraphValue, name: String) -> GraphValue {
    node("HardSigmoid", [x.name], name: name, shape: x.shape, [.float("alpha", 1 / 6), .float("beta", 0.5)])
  }

  /// x Φ(x) with the exact normal distribution (Hendrycks and Gimpel 2016): x / 2 (1 + erf(x / √2)).
  package mutating func gelu(_ x: GraphValue, name: String) -> GraphValue {
    let scaled = binary("Mul", x, constant: [Float(0.5).squareRoot()], shape: [], name: name + ".scaled")
    let error = node("Erf", [scaled.name], name: name + ".erf", shape: x.shape)
    let share = binary("Add", error, constant: [1], shape: [], name: name + ".share")
    let whole = binary("Mul", x, share, name: name + ".whole")
    return binary("Mul", whole, constant: [0.5], shape: [], name: name)
  }
}
