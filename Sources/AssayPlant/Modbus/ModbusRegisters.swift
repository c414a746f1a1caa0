import AssayInspection
package import AssayStation
import CModbus
import Foundation

/// Why a triggered part has no verdict: the number in ``ModbusRegisters``' register 11.
package enum ModbusFault: UInt16, Error, Sendable {
  /// No picture that had not been inspected came in time.
  case noPicture = 1
  /// The picture cannot be read.
  case unreadable = 2
  /// The station's queue is full, or the station is closing.
  case busy = 3
  /// The bundle is not loaded, or the network failed.
  case failed = 4
  /// The camera does not answer.
  case cameraLost = 5

  /// How a PLC is told that a part has no verdict.
  package init(_ refusal: PartRefusal) {
    switch refusal {
    case .full, .waitedTooLong, .noRoom, .closed: self = .busy
    case .unreadable, .overBudget, .badInput: self = .unreadable
    case .noModel, .noFiniteAnswer, .failed, .onlyATile: self = .failed
    case .inBatch(_, let refusal): self.init(refusal)
    }
  }
}

/// A verdict as a PLC reads it.
package struct ModbusResult: Sendable, Equatable {
  package var isGood = false
  package var isDefect = false
  package var isUncertain = false
  /// In the order of the model's classes; ``noClass`` when there is none.
  package var classIndex = noClass
  /// Probability of being defective, anomaly score, or where no class is good the class's probability.
  package var score = 0.0
  package var threshold = 0.0

  package static let noClass: UInt16 = 65_535

  package init() {}

  package init(_ answer: InspectAnswer, classes: [String]) {
    let inspection = answer.inspection
    isGood = inspection.verdict == .good
    isDefect = inspection.verdict == .defect
    isUncertain = inspection.isUncertain
    classIndex = classes.firstIndex(of: inspection.class).flatMap { UInt16(exactly: $0) } ?? Self.noClass
    score = inspection.score ?? inspection.probability ?? 0
    threshold = inspection.threshold ?? 0
  }
}

/// The register map; numbers from 0, values of two registers have their high word first.
///
/// | coil | | | discrete input | |
/// | --- | --- | --- | --- | --- |
/// | 0 | trigger (the PLC writes) | | 0 ... 6 | ready, busy, done, good, defect, error, uncertain |
///
/// | input register, and holding register of the same number | |
/// | --- | --- |
/// | 0 | the discrete inputs as bits 0 ... 6 |
/// | 1 | heartbeat, one more each second |
/// | 2, 3 | parts since the start |
/// | 4 | number of the class, 65535 for none |
/// | 5 | score times 10,000, at most 65535 |
/// | 6, 7 | score, IEEE 754 |
/// | 8, 9 | threshold, IEEE 754 |
/// | 10 | milliseconds from trigger to result |
/// | 11 | ``ModbusFault``; 0 for none |
/// | 12, 13 | part number that the PLC gave with the trigger |
/// | 14 | version of this map, 1 |
/// | holding 16, 17 | part number (the PLC writes, before the trigger) |
struct ModbusRegisters: Equatable {
  static let count = 16
  static let partNumber = 16..<18

  var isReady = false
  var handshake = TriggerHandshake()
  var heartbeat: UInt16 = 0
  var parts: UInt32 = 0
  var result = ModbusResult()
  var milliseconds = 0.0
  var fault: ModbusFault?
  var part: UInt32 = 0

  var bits: [Bool] {
    [
      isReady, handshake.isBusy, handshake.isDone, result.isGood, result.isDefect, fault != nil, result.isUncertain,
      false,
    ]
  }

  var words: [UInt16] {
    func halves(_ value: UInt32) -> [UInt16] { [UInt16(value >> 16), UInt16(value & 0xFFFF)] }
    func clamped(_ value: Double) -> UInt16 { value.isNaN ? 0 : UInt16(min(max(value.rounded(), 0), 65_535)) }
    let status = bits.enumerated().reduce(UInt16(0)) { $0 | ($1.element ? 1 << UInt16($1.offset) : 0) }
    return [status, heartbeat] + halves(parts) + [result.classIndex, clamped(result.score * 10_000)]
      + halves(Float(result.score).bitPattern) + halves(Float(result.threshold).bitPattern)
      + [clamped(milliseconds), fault?.rawValue ?? 0] + halves(part) + [1, 0]
  }

  /// A new part: nothing of the last one can be taken for its result.
  mutating func begin(part number: UInt32) {
    result = ModbusResult()
    milliseconds = 0
    fault = nil
    part = number
  }

  func write(to mapping: UnsafeMutablePointer<modbus_mapping_t>) {
    for (index, bit) in bits.enumerated() { mapping.pointee.tab_input_bits[index] = bit ? 1 : 0 }
    for (index, word) in words.enumerated() {
      mapping.pointee.tab_input_registers[index] = word
      mapping.pointee.tab_registers[index] = word
    }
  }
}
