/// The engines that Assay brings, the preferred one first.
public enum EngineKind: String, CaseIterable, Sendable, Codable {
  case openvino, onnxruntime

  /// The engine, opened once a process.
  /// - Throws: ``RuntimeError`` that names the library's file, what is wrong with it and what helps.
  public func opened() throws(RuntimeError) -> any InferenceEngine {
    switch self {
    case .openvino: try OpenVINOEngine.shared()
    case .onnxruntime: try ONNXRuntimeEngine.shared()
    }
  }

  /// As its makers write it.
  public var title: String {
    switch self {
    case .openvino: OpenVINOEngine.title
    case .onnxruntime: ONNXRuntimeEngine.title
    }
  }
}
