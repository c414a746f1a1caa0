public import AssayBase
import Foundation
import SwiftProtobuf

/// Why a model file cannot be used.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  public let file: String
  public let cause: String
  public let remedy: String

  public init(file: String, cause: String, remedy: String) {
    self.file = file
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(file): \(cause); \(remedy)" }
}

/// An ONNX model in memory.
public struct ONNXModel: Sendable {
  /// A named input or output; unknown or symbolic dimensions are -1.
  public struct Port: Sendable, Equatable {
    public let name: String
    public let shape: [Int]

    public init(name: String, shape: [Int]) {
      self.name = name
      self.shape = shape
    }
  }

  public var proto: Assay_Onnx_Model

  public init(proto: Assay_Onnx_Model) {
    self.proto = proto
  }

  /// - Parameter source: the file's name, for messages.
  public init(bytes: [UInt8], source: String) throws(ModelError) {
    do {
      proto = try Assay_Onnx_Model(serializedBytes: bytes)
    } catch {
      throw ModelError(file: source, cause: "it is not an ONNX model", remedy: "export it again as .onnx")
    }
    guard proto.hasGraph, !proto.graph.node.isEmpty else {
      throw ModelError(file: source, cause: "it holds no graph", remedy: "export it again as .onnx")
    }
  }

  public var inputs: [Port] {
    let initializers = Set(proto.graph.initializer.map(\.name))
    return proto.graph.input.filter { !initializers.contains($0.name) }.map(Port.init)
  }

  public var outputs: [Port] { proto.graph.output.map(Port.init) }

  public var opset: Int { Int(proto.opsetImport.first { $0.domain.isEmpty }?.version ?? 0) }

  public var metadata: [String: String] {
    Dictionary(proto.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// The file's bytes; the same model always gives the same bytes.
  public func serialized() throws(ModelError) -> [UInt8] {
    do {
      var options = BinaryEncodingOptions()
      options.useDeterministicOrdering = true
      return try proto.serializedBytes(options: options)
    } catch {
      throw ModelError(file: proto.graph.name, cause: "it cannot be encoded (\(error))", remedy: "report this")
    }
  }
}

extension ONNXModel.Port {
  package init(_ info: Assay_Onnx_ValueInfo) {
    name = info.name
    shape = info.type.tensorType.shape.dim.map {
      if case .dimValue(let value) = $0.value { Int(value) } else { -1 }
    }
  }
}

extension ModelError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.badData, description) }
}
