extension ONNXModel {
  /// Versions of ONNX's standard operator set that are read.
  public static let readableOpsets = 7...21

  /// The same network in the operator set that this program writes, whatever version of it the file is in: it answers the
  /// same numbers, and its values keep their names.
  /// - Throws: ``ModelError`` with the operator and its version, when it means something that the newer set cannot say.
  public func upgraded(source: String) throws(ModelError) -> ONNXModel {
    let target = GraphBuilder.opsets.upperBound
    guard let version = standardOpset else {
      throw ModelError(
        file: source, cause: "it does not say the version of its operator set",
        remedy: "export it again with operator set \(target)")
    }
    guard Self.readableOpsets.contains(version) else {
      throw ModelError(
        file: source,
        cause: "its operator set is \(version), and \(Self.readableOpsets.lowerBound) to "
          + "\(Self.readableOpsets.upperBound) are read",
        remedy: "export it again with operator set \(target)")
    }
    var upgrade = OperatorSetUpgrade(proto.graph, from: version, source: source)
    var result = self
    result.proto.graph = try upgrade.graph()
    var operators = Assay_Onnx_OperatorSet()
    operators.version = Int64(target)
    result.proto.opsetImport = [operators]
    result.proto.irVersion = max(proto.irVersion, 8)
    return result
  }

  /// That of the standard operators, which have two names.
  private var standardOpset: Int? {
    proto.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }.map { Int($0.version) }
  }
}

extension Assay_Onnx_Node {
  package func attribute(_ name: String) -> Assay_Onnx_Attribute? { attribute.first { $0.name == name } }

  package func int(_ name: String, default value: Int) -> Int { attribute(name).map { Int($0.i) } ?? value }

  package func ints(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map { Int($0) } } }

  package func string(_ name: String) -> String? { attribute(name).map { String(decoding: $0.s, as: UTF8.self) } }

  /// Whether an optional input is given.
  package func hasInput(_ index: Int) -> Bool { index < input.count && !input[index].isEmpty }

  package mutating func remove(_ names: String...) { attribute.removeAll { names.contains($0.name) } }

  package mutating func set(_ new: Assay_Onnx_Attribute) {
    remove(new.name)
    attribute.append(new)
  }

  /// Gives an input; those before it that are not given stay so.
  package mutating func setInput(_ index: Int, _ name: String) {
    while input.count <= index { input.append("") }
    input[index] = name
  }
}
