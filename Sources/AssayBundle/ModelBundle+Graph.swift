package import AssayGraph

extension ModelBundle {
  /// The bundle's graph, of which every weight is a finite number.
  package func graph() throws(BundleError) -> ONNXModel {
    let bytes = try contents(Self.modelName)
    do throws(ModelError) {
      let model = try ONNXModel(bytes: bytes, source: path)
      try model.checkFiniteWeights(source: path)
      return model
    } catch {
      throw BundleError(
        path: path, reason: .damaged, cause: "its \(Self.modelName) cannot be used: \(error.cause)",
        remedy: "restore it from a copy or train it again")
    }
  }

  /// What is no graph at all is found when it is loaded; what has diverged in training is not even written.
  package static func checkWeights(_ bytes: [UInt8], path: String) throws(BundleError) {
    guard let model = try? ONNXModel(bytes: bytes, source: path) else { return }
    do throws(ModelError) {
      try model.checkFiniteWeights(source: path)
    } catch {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "what was trained makes no sense: \(error.cause)",
        remedy: "nothing was written; the training has diverged: lower its rate, or leave it at what it is by itself")
    }
  }
}
