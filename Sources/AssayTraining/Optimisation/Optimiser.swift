/// Takes the steps of stochastic gradient descent.
///
/// Every element is updated by itself, so the result is the same on any number of threads, bit for bit.
public protocol Optimiser: Sendable {
  var parameters: [OptimisedParameter] { get }
  /// Taken so far.
  var steps: Int { get }

  /// Changes the values of all parameters.
  /// - Parameters:
  ///   - tensors: one for each of ``parameters``, in their order.
  ///   - learningRate: of this step; each parameter's factor multiplies it.
  ///   - parallel: how to divide the work.
  mutating func step(_ tensors: [ParameterTensor], learningRate: Double, parallel: WorkDivision)

  /// All that the next step depends on, besides settings and values.
  var state: TrainingState { get }

  /// Goes on where another optimiser of the same settings and parameters left off.
  /// - Throws: ``TrainingStateError`` when the state is of another kind or size.
  mutating func restore(_ state: TrainingState) throws(TrainingStateError)
}

extension Optimiser {
  /// A step on one thread.
  public mutating func step(_ tensors: [ParameterTensor], learningRate: Double) {
    step(tensors, learningRate: learningRate, parallel: onOneThread)
  }

  func check(_ tensors: [ParameterTensor]) {
    precondition(tensors.count == parameters.count, "\(tensors.count) tensors for \(parameters.count) parameters")
    for (tensor, parameter) in zip(tensors, parameters) {
      precondition(
        tensor.values.count == parameter.count,
        "\(parameter.name) has \(parameter.count) elements, its tensor \(tensor.values.count)")
    }
  }
}
