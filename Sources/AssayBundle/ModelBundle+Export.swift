public import AssayGraph
import Foundation

extension ModelBundle {
  /// Writes the graph as an ONNX file that other programs run unchanged: the image is RGB, 0...1, resized as its metadata entry
  /// `assay.preprocessing` says.
  /// - Parameter path: of the file; one that is there is replaced in one step.
  /// - Throws: ``BundleError`` when the bundle is damaged or the file cannot be written.
  @discardableResult
  public func exportGraph(to path: String) throws(BundleError) -> ONNXModel {
    let bytes = try contents(Self.modelName)
    var model: ONNXModel
    var written = bytes
    do {
      model = try ONNXModel(bytes: bytes, source: "\(self.path)/\(Self.modelName)")
      if model.nameMissingOutputs() { written = try model.serialized() }
    } catch {
      throw BundleError(path: self.path, reason: .damaged, cause: error.cause, remedy: error.remedy)
    }
    do {
      try Data(written).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "it cannot be written", remedy: "check folder, space and permissions")
    }
    return model
  }
}
