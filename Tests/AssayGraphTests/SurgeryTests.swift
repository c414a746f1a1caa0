import AssayGraph
import Foundation
import Testing

@Suite struct SurgeryTests {
  /// image -> a -> b -> sum (a + b), with a constant in each.
  private func model() -> ONNXModel {
    var builder = GraphBuilder(name: "net")
    let image = builder.input("image", shape: [2, 4, 4])
    let scale = builder.constant([2], shape: [1], name: "scale")
    let a = builder.node("Mul", [image.name, scale], name: "a", shape: [2, 4, 4])
    let shift = builder.constant([1, 3], shape: [2, 1, 1], name: "shift")
    let b = builder.node("Add", [a.name, shift], name: "b", shape: [2, 4, 4])
    let sum = builder.node("Add", [a.name, b.name], name: "sum", shape: [2, 4, 4])
    builder.declareOutput(sum)
    return builder.model()
  }

  @Test func tail() throws {
    let tail = try model().tail(from: "a", shape: [2, 4, 4], to: [.init(name: "sum", shape: [2, 4, 4])])
    #expect(tail.inputs == [.init(name: "a", shape: [-1, 2, 4, 4])])
    #expect(tail.outputs == [.init(name: "sum", shape: [-1, 2, 4, 4])])
    #expect(tail.proto.graph.node.map(\.name) == ["b", "sum"])
    #expect(tail.proto.graph.initializer.map(\.name) == ["shift"])
  }

  @Test func aValueThatIsNotTheOnlyWayIsRefused() throws {
    // The sum depends on a not only through b.
    let error = #expect(throws: ModelError.self) {
      try model().tail(from: "b", shape: [2, 4, 4], to: [.init(name: "sum", shape: [2, 4, 4])])
    }
    #expect(error?.cause.contains("only way") == true)
    #expect(throws: ModelError.self) {
      try model().tail(from: "a", shape: [2, 4, 4], to: [.init(name: "none", shape: [])])
    }
  }

  @Test func replacing() throws {
    let changed = try model().replacing(["shift": [5, 7]])
    let shift = try #require(changed.proto.graph.initializer.first { $0.name == "shift" })
    #expect(shift.rawData == [Float(5), 7].withUnsafeBytes { .init($0) })
    #expect(changed.proto.graph.initializer.first { $0.name == "scale" } == model().proto.graph.initializer[0])
    #expect(throws: ModelError.self) { try model().replacing(["shift": [5]]) }
    #expect(throws: ModelError.self) { try model().replacing(["none": [5]]) }
  }

  /// Exporters write equal tensors once and give them further names.
  @Test func replacingOneOfTwoNames() throws {
    var builder = GraphBuilder(name: "net")
    let image = builder.input("image", shape: [2, 4, 4])
    let first = builder.constant([1, 3], shape: [2, 1, 1], name: "first")
    let second = builder.node("Identity", [first], name: "second", shape: [2, 1, 1])
    let a = builder.node("Add", [image.name, first], name: "a", shape: [2, 4, 4])
    let b = builder.node("Add", [a.name, second.name], name: "b", shape: [2, 4, 4])
    builder.declareOutput(b)
    let changed = try builder.model().replacing(["second": [5, 7]])
    #expect(!changed.proto.graph.node.contains { $0.opType == "Identity" })
    let values = Dictionary(uniqueKeysWithValues: changed.proto.graph.initializer.map { ($0.name, $0.rawData) })
    #expect(values["first"] == [Float(1), 3].withUnsafeBytes { .init($0) })
    #expect(values["second"] == [Float(5), 7].withUnsafeBytes { .init($0) })
  }
}
