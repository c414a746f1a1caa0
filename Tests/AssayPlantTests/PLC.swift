import AssayPlant
import CModbus
import Foundation
import Testing

/// libmodbus's client, the reference, in the place of a PLC.
final class PLC {
  private let calls: assay_modbus
  private let context: OpaquePointer

  static let isThere = PlantLibrary.modbus.failure == nil
  static let comment: Comment = "install Debian's libmodbus5"

  /// libmodbus's own `select` ends the program with a descriptor above 1,023, and other tests open many at once.
  private static func waitForALowDescriptor() {
    while true {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      close(descriptor)
      if (0..<900).contains(descriptor) { return }
      usleep(20_000)
    }
  }

  init(port: Int) throws {
    calls = try PlantLibrary.modbus()
    Self.waitForALowDescriptor()
    context = try #require(calls.new_tcp_pi("127.0.0.1", String(port)))
    _ = calls.set_response_timeout(context, 10, 0)
    try #require(calls.connect(context) == 0)
  }

  deinit {
    calls.close(context)
    calls.free(context)
  }

  func set(trigger: Bool) { #expect(calls.write_bit(context, 0, trigger ? 1 : 0) == 1) }

  /// - Returns: whether the server took it.
  func write(_ values: [UInt16], at address: Int) -> Bool {
    calls.write_registers(context, Int32(address), Int32(values.count), values) == Int32(values.count)
  }

  /// ready, busy, done, good, defect, error, uncertain.
  var inputs: [Bool] {
    var bits = [UInt8](repeating: 0, count: 7)
    #expect(calls.read_input_bits(context, 0, 7, &bits) == 7)
    return bits.map { $0 != 0 }
  }

  var trigger: Bool {
    var bit: UInt8 = 0
    #expect(calls.read_bits(context, 0, 1, &bit) == 1)
    return bit != 0
  }

  var registers: [UInt16] {
    var words = [UInt16](repeating: 0, count: 16)
    #expect(calls.read_input_registers(context, 0, 16, &words) == 16)
    return words
  }

  var holding: [UInt16] {
    var words = [UInt16](repeating: 0, count: 18)
    #expect(calls.read_registers(context, 0, 18, &words) == 18)
    return words
  }

  /// libmodbus's own reading of two registers, high word first.
  func float(_ words: [UInt16], _ index: Int) -> Float { calls.get_float_abcd(Array(words[index...index + 1])) }

  var isBusy: Bool { inputs[1] }
  var isDone: Bool { inputs[2] }
}
