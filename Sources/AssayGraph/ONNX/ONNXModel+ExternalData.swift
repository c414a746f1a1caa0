import AssayWeights
import Foundation

extension ONNXModel {
  /// Whether constants keep their data in other files.
  public var hasExternalData: Bool {
    proto.graph.initializer.contains { $0.dataLocation == 1 }
      || proto.graph.node.contains { $0.attribute.contains { $0.hasT && $0.t.dataLocation == 1 } }
  }

  /// The same model with the data of its constants read in.
  /// - Parameters:
  ///   - folder: of the model's file; what lies outside of it, be it through a link, is refused by name.
  ///   - source: the file, for messages.
  public func readingExternalData(in folder: String, source: String) throws(ModelError) -> ONNXModel {
    var reader = ExternalDataReader(folder: folder, source: source)
    var result = self
    for index in result.proto.graph.initializer.indices where result.proto.graph.initializer[index].dataLocation == 1 {
      try reader.read(&result.proto.graph.initializer[index])
    }
    return result
  }
}

/// Reads parts of the files beside a model.
private struct ExternalDataReader {
  let folder: String
  let source: String
  /// What has been read of each file, so that the whole cannot be more than the files.
  private var taken: [String: Int] = [:]

  init(folder: String, source: String) {
    self.folder = folder
    self.source = source
  }

  private func refused(_ cause: String) -> ModelError {
    ModelError(
      file: source, cause: cause, remedy: "put the data beside the model, or export it into one file")
  }

  mutating func read(_ tensor: inout Assay_Onnx_Tensor) throws(ModelError) {
    let name = tensor.name.readable()
    let fields = Dictionary(tensor.externalData.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let path = try self.path(fields["location"] ?? "", of: name)
    var expected = 1
    for extent in tensor.dims {
      let (product, overflow) = expected.multipliedReportingOverflow(by: Int(extent))
      guard extent >= 0, !overflow, product <= 1 << 40 else {
        throw refused("the constant \(name) claims the shape \(tensor.dims.prefix(8))")
      }
      expected = product
    }
    expected *= ONNXInspection.elementSizes[tensor.dataType] ?? 0
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    guard attributes?[.type] as? FileAttributeType == .typeRegular, let handle = FileHandle(forReadingAtPath: path)
    else {
      throw refused("the data of the constant \(name), \(fields["location"] ?? ""), is not there")
    }
    defer { try? handle.close() }
    let offset = fields["offset"].map { Int($0) } ?? 0
    let length = fields["length"].map { Int($0) } ?? expected
    guard let offset, let length, offset >= 0, length == expected, offset <= size, length <= size - offset else {
      throw refused(
        "the constant \(name) of \(expected) bytes claims \(fields["length"] ?? "all") at \(fields["offset"] ?? "0") of a "
          + "file of \(size)")
    }
    let (sum, _) = taken[path, default: 0].addingReportingOverflow(length)
    guard sum <= size else { throw refused("its constants claim more of \(fields["location"] ?? "") than there is") }
    taken[path] = sum
    do {
      try handle.seek(toOffset: UInt64(offset))
      tensor.rawData = try handle.read(upToCount: length) ?? Data()
    } catch {
      throw refused("\(fields["location"] ?? "") cannot be read")
    }
    tensor.externalData = []
    tensor.clearDataLocation()
  }

  private func path(_ location: String, of name: String) throws(ModelError) -> String {
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.hasPrefix("/"), !parts.contains(".."), !location.contains("\0") else {
      throw refused("the constant \(name) keeps its data in \(location.readable()), outside of the model's folder")
    }
    let base = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    let path = URL(fileURLWithPath: folder + "/" + location).resolvingSymlinksInPath().path
    guard path.hasPrefix(base + "/") else {
      throw refused(
        "the constant \(name) keeps its data in \(location.readable()), a link that leads out of the folder")
    }
    return path
  }
}
