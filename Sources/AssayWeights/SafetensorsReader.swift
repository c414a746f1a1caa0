/// The header of a `.safetensors` file: a length in eight bytes, little-endian, and a JSON object that gives each tensor's
/// type, shape and place among the bytes behind it.
///
/// The rules of the format are kept strictly: tensors lie one behind the other from the first byte to the last, without gaps.
package struct SafetensorsReader {
  /// That of the reference implementation, in bytes.
  private static let longestHeader = 100_000_000
  /// The largest published networks have a hundredth.
  package static let mostTensors = 100_000

  package let views: StridedViews

  package init(_ bytes: [UInt8]) throws(PickleError) {
    func refused(_ cause: String) -> PickleError {
      PickleError("its safetensors header is wrong: \(cause)", remedy: "download it again, or do not use this file")
    }
    guard bytes.count > 8 else { throw refused("the file has \(bytes.count) bytes") }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8), length <= UInt64(Self.longestHeader) else {
      throw refused("it claims \(length) bytes, the file has \(bytes.count)")
    }
    let data = 8 + Int(length)
    var parser = Parser(bytes: bytes, at: 8, end: data)
    var found: [(name: String, element: ElementType, shape: [Int], from: Int, to: Int)] = []
    do throws(Parser.Malformed) {
      try parser.object { (parser, name) throws(Parser.Malformed) in
        if name == "__metadata__" {
          try parser.object { (parser, _) throws(Parser.Malformed) in _ = try parser.string() }
          return
        }
        var type = ""
        var shape: [Int]?
        var offsets: [Int] = []
        try parser.object { (parser, field) throws(Parser.Malformed) in
          switch field {
          case "dtype": type = try parser.string()
          case "shape": shape = try parser.integers()
          case "data_offsets": offsets = try parser.integers()
          default: throw parser.malformed("\(name.readable()) has a field \(field.readable())")
          }
        }
        guard let element = Self.types[type] else {
          let known = Self.types.keys.sorted().joined(separator: ", ")
          throw parser.malformed("\(name.readable()) is of type \(type.readable(20)); known are \(known)")
        }
        guard let shape, offsets.count == 2, offsets[0] <= offsets[1] else {
          throw parser.malformed("\(name.readable()) lacks its shape or its place")
        }
        found.append((name, element, shape, offsets[0], offsets[1]))
        guard found.count <= Self.mostTensors else {
          throw parser.malformed("it names more than \(Self.mostTensors) tensors")
        }
      }
      try parser.finish()
    } catch {
      throw refused(error.cause)
    }
    var views = StridedViews()
    var end = 0
    for tensor in found.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
      let name = tensor.name.readable()
      guard tensor.from == end else {
        throw refused(
          "\(name) begins at byte \(tensor.from), \(tensor.from < end ? "inside another tensor" : "behind a gap")")
      }
      guard tensor.to <= bytes.count - data else {
        throw refused("\(name) ends at byte \(tensor.to), the file has \(bytes.count - data) behind its header")
      }
      var size = tensor.element.size
      for extent in tensor.shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: extent)
        guard !overflow else { throw refused("the shape \(tensor.shape) of \(name) overflows") }
        size = product
      }
      guard size == tensor.to - tensor.from else {
        throw refused("\(name) of shape \(tensor.shape) needs \(size) bytes and has \(tensor.to - tensor.from)")
      }
      try views.append(
        tensor.name,
        StridedView(element: tensor.element, storage: data + tensor.from..<data + tensor.to, shape: tensor.shape))
      end = tensor.to
    }
    guard end == bytes.count - data else { throw refused("\(bytes.count - data - end) bytes belong to no tensor") }
    self.views = views
  }

  private static let types: [String: ElementType] = [
    "F64": .double, "F32": .float, "F16": .half, "BF16": .bfloat16, "I64": .long, "I32": .int, "I16": .short,
    "I8": .char, "U8": .byte, "BOOL": .bool,
  ]

  /// The little of JSON that a header may hold; it knows no nesting but its own.
  private struct Parser {
    struct Malformed: Error { let cause: String }

    let bytes: [UInt8]
    var at: Int
    let end: Int

    func malformed(_ cause: String) -> Malformed { Malformed(cause: cause) }

    private var unexpected: Malformed { malformed("its JSON is malformed at byte \(at)") }

    private mutating func peek() -> UInt8? {
      while at < end {
        let byte = bytes[at]
        guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return byte }
        at += 1
      }
      return nil
    }

    private mutating func take(_ character: UInt8) throws(Malformed) {
      guard peek() == character else { throw unexpected }
      at += 1
    }

    /// Only spaces may follow.
    mutating func finish() throws(Malformed) {
      guard peek() == nil else { throw unexpected }
    }

    /// Reads the braces and the keys; `member` reads each value.
    mutating func object(
      _ member: (inout Parser, String) throws(Malformed) -> Void
    ) throws(Malformed) {
      try take(UInt8(ascii: "{"))
      var keys: Set<String> = []
      if peek() == UInt8(ascii: "}") {
        at += 1
        return
      }
      while true {
        let key = try string()
        guard keys.insert(key).inserted else { throw malformed("it names \(key.readable()) twice") }
        try take(UInt8(ascii: ":"))
        try member(&self, key)
        guard peek() == UInt8(ascii: ",") else { break }
        at += 1
      }
      try take(UInt8(ascii: "}"))
    }

    mutating func integers() throws(Malformed) -> [Int] {
      try take(UInt8(ascii: "["))
      var values: [Int] = []
      if peek() == UInt8(ascii: "]") {
        at += 1
        return values
      }
      while true {
        values.append(try integer())
        guard values.count <= 64 else { throw malformed("a shape has more than 64 dimensions") }
        guard peek() == UInt8(ascii: ",") else { break }
        at += 1
      }
      try take(UInt8(ascii: "]"))
      return values
    }

    private mutating func integer() throws(Malformed) -> Int {
      guard let first = peek(), (0x30...0x39).contains(first) else {
        throw malformed("a size at byte \(at) is no whole number")
      }
      var value = 0
      while at < end, (0x30...0x39).contains(bytes[at]) {
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(Int(bytes[at] - 0x30))
        guard !overflow, !carry else { throw malformed("a size at byte \(at) overflows") }
        value = sum
        at += 1
      }
      return value
    }

    mutating func string() throws(Malformed) -> String {
      try take(UInt8(ascii: "\""))
      var text: [UInt8] = []
      while at < end {
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard at < end else { throw unexpected }
          let escape = bytes[at]
          at += 1
          switch escape {
          case UInt8(ascii: "n"): text.append(0x0A)
          case UInt8(ascii: "t"): text.append(0x09)
          case UInt8(ascii: "r"): text.append(0x0D)
          case UInt8(ascii: "b"): text.append(0x08)
          case UInt8(ascii: "f"): text.append(0x0C)
          case UInt8(ascii: "u"):
            guard at + 4 <= end, let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
            else {
              throw unexpected
            }
            at += 4
            // Half of a surrogate pair stands for itself nowhere in a tensor's name.
            text += Array(String(Unicode.Scalar(code).map(Character.init) ?? "?").utf8)
          default: text.append(escape)
          }
        case 0..<0x20: throw unexpected
        default: text.append(byte)
        }
      }
      throw unexpected
    }
  }
}
