/// What has arrived on a connection, by Modbus Messaging on TCP/IP, 1.0b, 3.1.3 and Modbus Application Protocol, 1.1b3, 6.
package enum ModbusFrame: Equatable {
  case incomplete
  /// No frame of Modbus, or one whose lengths contradict each other.
  case malformed
  /// A function that is not offered, also one that no request may have: 0 and those above 127.
  case unsupported(length: Int)
  case request(length: Int)

  /// Bytes of a frame at most.
  package static let longest = 260
  /// Bytes before the function.
  static let headerLength = 7

  package init(_ bytes: [UInt8]) {
    func word(_ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
    guard bytes.count >= 6 else {
      self = .incomplete
      return
    }
    let length = 6 + word(4)
    // Unit and function at least.
    guard word(2) == 0, (8...Self.longest).contains(length) else {
      self = .malformed
      return
    }
    guard bytes.count >= length else {
      self = .incomplete
      return
    }
    switch bytes[7] {
    case 1...6: self = length == 12 ? .request(length: length) : .malformed
    case 15, 16: self = length >= 13 && length == 13 + Int(bytes[12]) ? .request(length: length) : .malformed
    default: self = .unsupported(length: length)
    }
  }

  /// The answer to a request that is refused: its function with the highest bit set, which one above 127 has already
  /// (Modbus Application Protocol, 1.1b3, 7).
  static func exception(_ code: Int, to frame: [UInt8]) -> [UInt8] {
    [frame[0], frame[1], 0, 0, 0, 3, frame[6], frame[7] | 0x80, UInt8(truncatingIfNeeded: code)]
  }

  /// Whether a request writes the first coil, the trigger.
  static func writesTrigger(_ frame: [UInt8]) -> Bool {
    (frame[7] == 5 || frame[7] == 15) && frame[8] == 0 && frame[9] == 0
  }

  /// Registers that a request writes.
  package static func writtenRegisters(_ frame: [UInt8]) -> Range<Int>? {
    let address = Int(frame[8]) << 8 | Int(frame[9])
    switch frame[7] {
    case 6: return address..<address + 1
    case 16: return address..<address + (Int(frame[10]) << 8 | Int(frame[11]))
    default: return nil
    }
  }
}
