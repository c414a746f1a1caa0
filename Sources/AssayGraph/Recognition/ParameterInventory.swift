public import AssayWeights
import Synchronization

/// What a network takes from a state dict.
public struct ParameterInventory: Sendable {
  public let names: Set<String>
  /// Elements of what is trained: running statistics of batch normalisations do not count.
  public let parameters: Int

  /// Writes the network once, for the smallest image, and notes what it asks for.
  /// - Throws: ``WeightsError`` when a tensor is missing or has another shape.
  public init(of network: some Architecture, in state: some WeightSource) throws(WeightsError) {
    let recorder = Recorder(source: state)
    var builder = GraphBuilder(name: network.name)
    builder.keepsValues = false
    let step = network.sideStep
    let side = (max(network.smallestSide, 32) + step - 1) / step * step
    let image = builder.input("image", shape: [3, side, side])
    _ = try network.write(to: &builder, image: image, weights: recorder)
    let taken = recorder.taken
    names = Set(taken.keys)
    parameters = taken.reduce(0) { $0 + ($1.key.contains(".running_") ? 0 : $1.value) }
  }

  private final class Recorder<Source: WeightSource>: WeightSource {
    private let source: Source
    private let counts = Mutex<[String: Int]>([:])

    init(source: Source) { self.source = source }

    var taken: [String: Int] { counts.withLock { $0 } }

    func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> StateDict.Tensor {
      let tensor = try source.tensor(name, shape: shape)
      counts.withLock { $0[name] = tensor.values.count }
      return tensor
    }
  }
}
