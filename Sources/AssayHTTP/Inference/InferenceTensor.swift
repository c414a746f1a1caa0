import AssayBase
import AssayInspection
import AssayStation
import NIOCore

/// A tensor of an answer.
struct InferenceTensor: Sendable {
  enum Values: Sendable {
    /// One array an image.
    case floats([[Float]])
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

  var binarySize: Int {
    switch values {
    case .floats(let values): 4 * values.reduce(0) { $0 + $1.count }
    case .doubles(let values): 8 * values.count
    case .texts(let values): values.reduce(0) { $0 + 4 + $1.utf8.count }
    }
  }

  /// Parts in which it is written: one an image for numbers of the graph, all at once else.
  var parts: Int { if case .floats(let values) = values { values.count } else { 1 } }

  /// Little-endian, row-major; a text is its length in 4 bytes and its UTF-8.
  func writeBinary(_ part: Int, to buffer: inout ByteBuffer) {
    switch values {
    case .floats(let values):
      buffer.reserveCapacity(4 * values[part].count)
      for value in values[part] { buffer.writeInteger(value.bitPattern, endianness: .little) }
    case .doubles(let values): for value in values { buffer.writeInteger(value.bitPattern, endianness: .little) }
    case .texts(let values):
      for text in values {
        buffer.writeInteger(UInt32(text.utf8.count), endianness: .little)
        buffer.writeString(text)
      }
    }
  }

  /// A flat JSON array; what JSON cannot say is null.
  func writeJSON(_ part: Int, to buffer: inout ByteBuffer) {
    if part == 0 { buffer.writeString("[") }
    // Every image has as many values.
    var isFirst = part == 0
    func write(_ item: String) {
      if !isFirst { buffer.writeString(",") }
      isFirst = false
      buffer.writeString(item)
    }
    switch values {
    case .floats(let values): for value in values[part] { write(value.isFinite ? "\(value)" : "null") }
    case .doubles(let values): for value in values { write(value.isFinite ? "\(value)" : "null") }
    case .texts(let values): for text in values { write(JSONText.quoted(text)) }
    }
    if part == parts - 1 { buffer.writeString("]") }
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
