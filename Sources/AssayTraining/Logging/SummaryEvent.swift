/// An `Event` of TensorBoard's `event.proto`, in the protocol buffer encoding.
struct SummaryEvent {
  enum Content {
    case fileVersion(String)
    /// What was logged for this step and later ones is void: a `SessionLog` with status `START`.
    case sessionStart
    case scalars([(tag: String, value: Double)])
  }

  /// Seconds since 1970.
  let wallTime: Double
  let step: Int
  let content: Content

  var encoded: [UInt8] {
    var event = ProtobufEncoder()
    event.double(wallTime, field: 1)
    if step != 0 { event.varint(UInt64(bitPattern: Int64(step)), field: 2) }
    switch content {
    case .fileVersion(let version):
      event.bytes(Array(version.utf8), field: 3)
    case .scalars(let scalars):
      var summary = ProtobufEncoder()
      for scalar in scalars {
        var value = ProtobufEncoder()
        value.bytes(Array(scalar.tag.utf8), field: 1)
        value.float(Float(scalar.value), field: 2)
        summary.bytes(value.encoded, field: 1)
      }
      event.bytes(summary.encoded, field: 5)
    case .sessionStart:
      var log = ProtobufEncoder()
      log.varint(1, field: 1)
      event.bytes(log.encoded, field: 7)
    }
    return event.encoded
  }

  /// Framed as a TFRecord: length, its check, the event, its check; little-endian.
  var record: [UInt8] {
    let event = encoded
    let length = withUnsafeBytes(of: UInt64(event.count).littleEndian, Array.init)
    func check(_ bytes: [UInt8]) -> [UInt8] {
      withUnsafeBytes(of: CRC32C.masked(bytes).littleEndian, Array.init)
    }
    return length + check(length) + event + check(event)
  }
}

/// The four kinds of field that events are made of.
private struct ProtobufEncoder {
  private(set) var encoded: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  mutating func varint(_ value: UInt64, field: Int) {
    tag(field, .varint)
    append(value)
  }

  mutating func double(_ value: Double, field: Int) {
    tag(field, .fixed64)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { encoded.append(contentsOf: $0) }
  }

  mutating func float(_ value: Float, field: Int) {
    tag(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { encoded.append(contentsOf: $0) }
  }

  mutating func bytes(_ value: [UInt8], field: Int) {
    tag(field, .lengthDelimited)
    append(UInt64(value.count))
    encoded.append(contentsOf: value)
  }

  private mutating func tag(_ field: Int, _ type: WireType) { append(UInt64(field) << 3 | type.rawValue) }

  private mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      encoded.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    encoded.append(UInt8(rest))
  }
}
