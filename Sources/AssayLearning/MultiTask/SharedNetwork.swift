import AssayBase
import Dispatch

/// The shared layer and the heads while they are trained.
struct SharedNetwork {
  struct Snapshot {
    /// `[width, D]`
    let weights: [Float]
    let bias: [Float]
    let heads: [(weights: [Float], bias: [Float])]
    let parameters: [Float]
  }

  /// So many blocks of units on every machine: a product's rounding depends on its size.
  private static let blocks = 4

  private let loss: TaskLoss
  private let settings: SharedRepresentation.Settings
  private let units: [SharedUnits]
  private var heads: [Head]
  /// Of the loss.
  private(set) var parameters: [Float]
  private var parameterState: AdamState
  private var steps = 0

  private struct Head {
    var weights: [Float]
    var bias: [Float]
    var weightState: AdamState
    var biasState: AdamState
  }

  init(dimension: Int, loss: TaskLoss, settings: SharedRepresentation.Settings) {
    self.loss = loss
    self.settings = settings
    var generator = SplitMix64(seed: settings.seed)
    let width = max(1, settings.width)
    let count = min(Self.blocks, width)
    units = (0..<count).map { block in
      SharedUnits(
        count: width * (block + 1) / count - width * block / count, dimension: dimension, using: &generator)
    }
    let bound = 1 / Float(width).squareRoot()
    heads = loss.tasks.map { task in
      Head(
        weights: (0..<task.outputs * width).map { _ in Float.random(in: -bound...bound, using: &generator) },
        bias: [Float](repeating: 0, count: task.outputs), weightState: AdamState(count: task.outputs * width),
        biasState: AdamState(count: task.outputs))
    }
    parameters = loss.initialParameters
    parameterState = AdamState(count: parameters.count)
  }

  func snapshot() -> Snapshot {
    let blocks = units.map { $0.snapshot() }
    return Snapshot(
      weights: blocks.flatMap(\.weights), bias: blocks.flatMap(\.bias), heads: heads.map { ($0.weights, $0.bias) },
      parameters: parameters)
  }

  private var width: Int { units.reduce(0) { $0 + $1.count } }

  /// `[N, width]`
  private func activations(_ x: FeatureMatrix) -> [Float] {
    let units = units
    DispatchQueue.concurrentPerform(iterations: units.count) { units[$0].forward(x) }
    var result: [Float] = []
    result.reserveCapacity(x.rows * width)
    for row in 0..<x.rows {
      for block in units { result += block.activations[row * block.count..<(row + 1) * block.count] }
    }
    return result
  }

  /// For each task `[N, outputs]`, of standardised features.
  func outputs(_ x: FeatureMatrix) -> [[Float]] {
    let activations = activations(x)
    return heads.map { Self.head($0.weights, $0.bias, activations, width: width) }
  }

  static func head(_ weights: [Float], _ bias: [Float], _ activations: [Float], width: Int) -> [Float] {
    let rows = activations.count / width
    var out = [Float](repeating: 0, count: rows * bias.count)
    activations.withUnsafeBufferPointer { a in
      weights.withUnsafeBufferPointer { w in
        out.withUnsafeMutableBufferPointer { out in
          guard let a = a.baseAddress, let w = w.baseAddress, let out = out.baseAddress else { return }
          MatrixProduct.timesTransposed(a, w, into: out, m: rows, n: bias.count, k: width)
        }
      }
    }
    for at in out.indices { out[at] += bias[at % bias.count] }
    return out
  }

  /// One update of everything; returns the loss before it.
  mutating func step(_ x: FeatureMatrix, _ targets: [TaskLoss.Targets]) -> Double {
    steps += 1
    let activations = activations(x)
    let width = width
    let outputs = heads.map { Self.head($0.weights, $0.bias, activations, width: width) }
    let value = loss.evaluate(outputs: outputs, targets: targets, parameters: parameters)
    var gradient = [Float](repeating: 0, count: activations.count)
    for index in heads.indices {
      update(&heads[index], value.outputGradients[index], activations, width: width, rows: x.rows, into: &gradient)
    }
    parameterState.update(
      &parameters, gradient: value.parameterGradient, step: steps, learningRate: settings.learningRate, decay: 0)
    let (settings, step, rows) = (settings, steps, x.rows)
    let all = gradient
    let units = units
    let starts = units.indices.map { block in units[..<block].reduce(0) { $0 + $1.count } }
    DispatchQueue.concurrentPerform(iterations: units.count) { block in
      let (start, count) = (starts[block], units[block].count)
      let own = (0..<rows).flatMap { all[$0 * width + start..<$0 * width + start + count] }
      units[block].update(
        x, gradient: own, step: step, learningRate: settings.learningRate, decay: settings.weightDecay)
    }
    return value.loss
  }

  /// Hands a head's gradient down to the activations, then updates the head.
  private func update(
    _ head: inout Head, _ outputGradient: [Float], _ activations: [Float], width: Int, rows: Int,
    into gradient: inout [Float]
  ) {
    let outputs = head.bias.count
    var weightGradient = [Float](repeating: 0, count: head.weights.count)
    var biasGradient = [Float](repeating: 0, count: outputs)
    for row in 0..<rows {
      for output in 0..<outputs {
        let g = outputGradient[row * outputs + output]
        guard g != 0 else { continue }
        biasGradient[output] += g
        for unit in 0..<width {
          gradient[row * width + unit] += g * head.weights[output * width + unit]
          weightGradient[output * width + unit] += g * activations[row * width + unit]
        }
      }
    }
    head.weightState.update(
      &head.weights, gradient: weightGradient, step: steps, learningRate: settings.learningRate,
      decay: settings.weightDecay)
    head.biasState.update(
      &head.bias, gradient: biasGradient, step: steps, learningRate: settings.learningRate, decay: 0)
  }
}
