import AssayGraph
import AssayWeights
import Testing

@Suite struct GraphTests {
  @Test func modelsSurviveARoundTripAndAreDeterministic() throws {
    func build() -> ONNXModel {
      var builder = GraphBuilder(name: "g")
      let x = builder.input("image", shape: [3, 4, 4])
      let w = builder.constant([1, 2], shape: [2], name: "w")
      let y = builder.node("Identity", [x.name], name: "y", shape: x.shape)
      builder.output(y, as: "out")
      _ = w
      return builder.model(metadata: [("b", "2"), ("a", "1")])
    }
    let bytes = try build().serialized()
    #expect(bytes == (try build().serialized()))
    let model = try ONNXModel(bytes: bytes, source: "g.onnx")
    #expect(model.inputs == [.init(name: "image", shape: [-1, 3, 4, 4])])
    #expect(model.outputs == [.init(name: "out", shape: [-1, 3, 4, 4])])
    #expect(model.metadata == ["a": "1", "b": "2"] && model.opset == 17)
    #expect(throws: ModelError.self) { try ONNXModel(bytes: Array("no model".utf8), source: "x") }
    #expect(throws: ModelError.self) { try ONNXModel(bytes: [], source: "x") }
  }

  /// z = (x - mean) / scale; (W z + b) / T at x = (3, 5): z = (1, 2), W z + b = (1 + 4 + 1, -1 + 2) = (6, 1), halved.
  @Test func headFolding() {
    let head = LinearHead.folded(
      weights: [1, 2, -1, 1], bias: [1, 0], mean: [1, 1], scale: [2, 2], temperature: 2)
    #expect(head.logits([3, 5]) == [3, 0.5])
    #expect(head.logits([1, 1]) == [0.5, 0], "at the mean only the intercept is left")
  }

  @Test func unusableSpecificationsSayWhatToDo() throws {
    let backbone = EfficientNetLite(
      .lite0, weights: StateDict(source: "none", tensors: [:]), weightsHash: "")
    func check(_ specification: FeatureSpecification) -> String {
      do throws(ModelError) {
        _ = try specification.validated(for: backbone)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(check(.init(taps: ["head"], width: 224, height: 224)) == "")
    #expect(check(.init(taps: ["head"], width: 300, height: 224)).contains("use 288 or 320"))
    #expect(check(.init(taps: ["tail"], width: 224, height: 224)).contains("stage3.expanded"))
    #expect(check(.init(taps: ["head", "head"], width: 224, height: 224)).contains("twice"))
    #expect(
      FeatureSpecification(taps: ["stage3.expanded", "head"], width: 224, height: 224).dimension(of: backbone) == 2
        * (240 + 1280))
  }

  /// Depths and widths of Tan and Le's scaling rule, as Google's released models have them.
  @Test func variants() {
    func taps(_ variant: EfficientNetLite.Variant) -> [Int] {
      EfficientNetLite(variant, weights: StateDict(source: "", tensors: [:]), weightsHash: "").taps
        .filter { !$0.name.contains("expanded") }.map(\.channels)
    }
    #expect(taps(.lite0) == [16, 24, 40, 80, 112, 192, 320, 1280])
    #expect(taps(.lite1) == taps(.lite0))
    #expect(taps(.lite2) == [16, 24, 48, 88, 120, 208, 352, 1280])
  }
}
