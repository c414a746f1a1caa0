import AssayBase
import AssayGraph
import AssayImage
import AssayRuntime
import Foundation
import Testing

/// A network whose weights are numbers may answer values that are none: the picture is named, and nothing is kept.
@Suite struct NotFiniteFeatureTests {
  /// A PGM of 32 x 32 pixels.
  private static func picture(_ value: UInt8, in folder: String) throws -> String {
    let path = "\(folder)/\(value).pgm"
    let pixels = [UInt8](repeating: value, count: 32 * 32)
    try Data(Array("P5\n32 32\n255\n".utf8) + pixels).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// e to the power of a thousand times the pixels: 1 of a black one, and of all others beyond 32-bit floats.
  private static func graph(_ output: String) throws -> [UInt8] {
    var builder = GraphBuilder(name: "odd")
    let image = builder.input("image", shape: [3, 32, 32])
    let factor = builder.constant([1000], shape: [], name: "factor")
    let large = builder.node("Mul", [image.name, factor], name: "large", shape: image.shape)
    let power = builder.node("Exp", [large.name], name: "power", shape: image.shape)
    let mean = builder.node("GlobalAveragePool", [power.name], name: "mean", shape: [3, 1, 1])
    builder.output(
      output == "features" ? builder.node("Flatten", [mean.name], name: "flat", shape: [3]) : mean, as: output)
    return try builder.model().serialized()
  }

  @Test(arguments: EngineKind.allCases) func features(_ kind: EngineKind) throws {
    let folder = NSTemporaryDirectory() + "not-finite-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (black, white) = (try Self.picture(0, in: folder), try Self.picture(255, in: folder))
    let extractor = FeatureExtractor(
      onnx: try Self.graph("features"), dimension: 3, preprocessing: Preprocessing(width: 32, height: 32), cache: nil,
      engines: Engines(kind))
    #expect(Array(try extractor.features(of: [black]).values) == [1, 1, 1])
    let error = #expect(throws: RuntimeError.self) { try extractor.features(of: [black, white]) }
    #expect(
      error?.description.hasPrefix("compute the features of \(white): the network answers values that are not finite")
        == true, "\(String(describing: error))")

    let patches = PatchExtractor(
      onnx: try Self.graph("patches"), grid: PatchSpecification.Grid(channels: 3, height: 1, width: 1),
      input: PatchInput(preprocessing: Preprocessing(width: 32, height: 32)), cache: nil, engines: Engines(kind))
    #expect(try patches.patches(of: [black]).count == 1)
    let other = #expect(throws: RuntimeError.self) { try patches.patches(of: [black, white]) }
    #expect(other?.operation == "compute the patches of \(white)", "\(String(describing: other))")
  }

  /// Activations at the cut of a network that is trained further.
  @Test(arguments: EngineKind.allCases) func activations(_ kind: EngineKind) throws {
    let extractor = TrunkExtractor(
      onnx: try Self.graph("cut"), inputShape: [3, 32, 32], cutCount: 3, featureCount: 0, cache: nil,
      engines: Engines(kind))
    let keys = [SHA256Digest(of: [0]), SHA256Digest(of: [1])]
    #expect(throws: Never.self) { try extractor.extract([keys[0]], fill: { $1.update(repeating: 0) }) }
    let error = #expect(throws: RuntimeError.self) {
      try extractor.extract(keys, fill: { item, buffer in buffer.update(repeating: Float(item)) })
    }
    #expect(error?.operation == "compute the activations of view 2", "\(String(describing: error))")
  }
}
