/// What an optimiser or a moving average remembers from one step to the next, for a checkpoint: a training that is taken up
/// again goes on bit for bit as if it had not stopped.
///
/// As bytes: `ASSAYTS1`, the length of `kind` and its UTF-8, `steps`, the number of buffers, and each buffer's count and
/// 32-bit floats; all integers 64 bits, everything little-endian.
public struct TrainingState: Sendable, Equatable {
  /// Whose it is, `adamw`.
  public let kind: String
  public let steps: Int
  public let buffers: [[Float]]

  private static let magic = Array("ASSAYTS1".utf8)

  init(kind: String, steps: Int, buffers: [[Float]]) {
    self.kind = kind
    self.steps = steps
    self.buffers = buffers
  }

  public var bytes: [UInt8] {
    let name = Array(kind.utf8)
    var bytes = Self.magic
    bytes.reserveCapacity(buffers.reduce(64 + name.count) { $0 + 8 + 4 * $1.count })
    func append(_ value: Int) { withUnsafeBytes(of: UInt64(value).littleEndian) { bytes.append(contentsOf: $0) } }
    append(name.count)
    bytes.append(contentsOf: name)
    append(steps)
    append(buffers.count)
    for buffer in buffers {
      append(buffer.count)
      buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// - Throws: ``TrainingStateError`` when the bytes are not exactly a state.
  public init(bytes: [UInt8]) throws(TrainingStateError) {
    var at = Self.magic.count
    guard bytes.starts(with: Self.magic) else {
      throw TrainingStateError(cause: "it does not begin with \"ASSAYTS1\"")
    }
    func take(_ count: Int) throws(TrainingStateError) -> Range<Int> {
      guard count <= bytes.count - at else {
        throw TrainingStateError(cause: "it ends at byte \(bytes.count), in the middle of \(count) bytes from \(at)")
      }
      defer { at += count }
      return at..<at + count
    }
    func integer() throws(TrainingStateError) -> Int {
      let range = try take(8)
      let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self) }
      // No length is near the largest, so four times one cannot overflow.
      guard let result = Int(exactly: UInt64(littleEndian: value)), result < 1 << 48 else {
        throw TrainingStateError(cause: "byte \(range.lowerBound) holds the length \(UInt64(littleEndian: value))")
      }
      return result
    }
    let name = try take(try integer())
    kind = String(decoding: bytes[name], as: UTF8.self)
    steps = try integer()
    var buffers: [[Float]] = []
    for _ in 0..<(try integer()) {
      let count = try integer()
      let range = try take(4 * count)
      buffers.append(
        [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
          bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: .init(rebasing: $0[range])) }
          initialised = count
        })
    }
    self.buffers = buffers
    guard at == bytes.count else {
      throw TrainingStateError(cause: "\(bytes.count - at) bytes follow its end")
    }
  }

  func check(kind: String, counts: [Int]) throws(TrainingStateError) {
    guard kind == self.kind else {
      throw TrainingStateError(cause: "it is of \"\(self.kind)\", not of \"\(kind)\"")
    }
    let own = buffers.map(\.count)
    guard own == counts else {
      throw TrainingStateError(cause: "it is for buffers of \(own) elements, not of \(counts)")
    }
  }
}

/// Why a training cannot go on from a state.
public struct TrainingStateError: Error, Sendable, Hashable, CustomStringConvertible {
  public let cause: String

  package init(cause: String) { self.cause = cause }

  public var remedy: String { "resume with the settings it was begun with, or begin anew" }
  public var description: String { "the saved training state does not fit: \(cause); \(remedy)" }
}
