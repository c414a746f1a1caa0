public import AssayWeights

/// A backbone whose weights have been trained further: the graph it was trained as, with its new weights.
public struct TunedBackbone: Backbone {
  private let original: any Backbone
  private let model: ONNXModel
  private let values: [String: GraphValue]

  /// SHA-256 of the weights it began with.
  public var weightsHash: String { original.weightsHash }
  public var description: BackboneDescription { original.description }
  public var taps: [Tap] { original.taps.filter { values[$0.name] != nil } }
  public var defaultTaps: [String] { original.defaultTaps }
  public var patchTaps: [String] { original.patchTaps }
  public var opset: Int { original.opset }
  public var sideStep: Int { original.sideStep }

  /// - Parameter values: new weights by name.
  public init(_ original: any Backbone, _ graph: TrainableGraph, values: [String: [Float]]) throws(ModelError) {
    self.original = original
    model = try graph.whole.replacing(values)
    self.values = graph.values
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    let used = values.filter { wanted.contains($0.key) }.sorted { $0.key < $1.key }
    do throws(ModelError) {
      let found = try builder.embed(
        model, inputName: "image", input: image, prefix: "tuned.", outputs: used.map { ($0.value.name, $0.value.shape) }
      )
      return Dictionary(uniqueKeysWithValues: zip(used.map(\.key), found))
    } catch {
      throw WeightsError(file: description.name, cause: error.cause, remedy: error.remedy)
    }
  }
}
