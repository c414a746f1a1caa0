import AssayInspection
import AssayStation

/// A tensor of an answer.
struct InferenceTensor {
  enum Values {
    case floats([Float])
    case doubles([Double])
    case texts([String])
  }

  let name: String
  /// `[N, ...]`
  let shape: [Int]
  let values: Values

  var datatype: String {
    switch values {
    case .floats: "FP32"
    case .doubles: "FP64"
    case .texts: "BYTES"
    }
  }

  /// Little-endian, row-major; a text is its length in 4 bytes and its UTF-8.
  var binary: [UInt8] {
    func bytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] { words.withUnsafeBytes { Array($0) } }
    return switch values {
    case .floats(let values): bytes(values.map { $0.bitPattern.littleEndian })
    case .doubles(let values): bytes(values.map { $0.bitPattern.littleEndian })
    case .texts(let values):
      values.flatMap { text in bytes([UInt32(text.utf8.count).littleEndian]) + Array(text.utf8) }
    }
  }

  /// A flat JSON array; what JSON cannot say is null.
  var json: String {
    let items =
      switch values {
      case .floats(let values): values.map { $0.isFinite ? "\($0)" : "null" }
      case .doubles(let values): values.map { $0.isFinite ? "\($0)" : "null" }
      case .texts(let values): values.map(JSONText.quoted)
      }
    return "[" + items.joined(separator: ",") + "]"
  }
}

/// What a model takes and gives, as the protocol's metadata says it.
struct ModelSignature {
  struct Tensor: Encodable {
    let name: String
    let datatype: String
    /// -1 for the number of images.
    let shape: [Int]
  }

  let input: Tensor
  let outputs: [Tensor]

  init(_ bundle: ServedBundle) {
    input = Tensor(name: Self.inputName, datatype: "FP32", shape: [-1] + bundle.inputShape)
    let graph = bundle.outputs.map { Tensor(name: $0.name, datatype: "FP32", shape: [-1] + $0.shape.dropFirst()) }
    var own = [Tensor(name: "verdict", datatype: "BYTES", shape: [-1])]
    if !bundle.rule.classes.isEmpty { own.append(Tensor(name: "class", datatype: "BYTES", shape: [-1])) }
    if bundle.rule.scale != nil { own.append(Tensor(name: "score", datatype: "FP64", shape: [-1])) }
    let taken = Set(graph.map(\.name))
    outputs = graph + own.filter { !taken.contains($0.name) }
  }

  static let inputName = "image"
}
