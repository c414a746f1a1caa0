import AssayBase
import AssayImage
import AssayPlant

/// What PLCs and cameras send, and addresses that people type.
enum PlantTargets {
  static let all = [
    FuzzTarget("modbus", longest: 600, seeds: modbusSeeds) { bytes in
      // As it comes from a connection: frame by frame, until one is not whole.
      var rest = bytes
      while true {
        switch ModbusFrame(rest) {
        case .incomplete, .malformed: return
        case .unsupported(let length), .request(let length):
          precondition((8...ModbusFrame.longest).contains(length) && length <= rest.count, "a frame of \(length) bytes")
          if case .request = ModbusFrame(rest), let written = ModbusFrame.writtenRegisters(rest) {
            precondition(written.lowerBound >= 0 && written.upperBound <= 131_071)
          }
          rest.removeFirst(length)
        }
      }
    },
    FuzzTarget("mqtt-address", longest: 512, throwing: WorkflowError.self, seeds: texts(mqttSeeds)) { bytes in
      let options = try MQTTOptions(url: String(decoding: bytes, as: UTF8.self))
      precondition((1...65_535).contains(options.port) && !options.host.isEmpty && !options.prefix.isEmpty)
      precondition(!options.resultTopic("part").utf8.contains { "+#".utf8.contains($0) }, "a wildcard in a topic")
      _ = options.address
    },
    FuzzTarget("modbus-address", longest: 256, throwing: WorkflowError.self, seeds: texts(addressSeeds)) { bytes in
      let options = try ModbusOptions(address: String(decoding: bytes, as: UTF8.self), isOpen: true)
      precondition((0...65_535).contains(options.port) && !options.host.isEmpty)
    },
    // Format, width and height in 9 bytes, then the pixels.
    FuzzTarget("camera-frame", longest: 1024, throwing: WorkflowError.self, seeds: cameraSeeds) { bytes in
      guard bytes.count >= 9 else { return }
      let format = PixelFormat.allCases[Int(bytes[0]) % PixelFormat.allCases.count]
      func number(_ at: Int) -> Int {
        Int(bytes[at]) << 48 | Int(bytes[at + 1]) << 16 | Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
      }
      let frame = try CameraFrame(width: number(1), height: number(5), format: format, bytes: Array(bytes.dropFirst(9)))
      precondition(frame.image.samples.count == frame.width * frame.height * frame.image.channels)
    },
  ]

  private static func texts(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  private static let modbusSeeds: [[UInt8]] = [
    [0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 15], [0, 2, 0, 0, 0, 6, 1, 5, 0, 0, 0xFF, 0],
    [0, 3, 0, 0, 0, 6, 1, 6, 0, 16, 0, 7],
    [0, 4, 0, 0, 0, 11, 1, 16, 0, 16, 0, 2, 4, 0, 0, 0, 9], [0, 5, 0, 0, 0, 5, 1, 43, 14, 1, 0],
    [0, 6, 0, 0, 0, 8, 1, 15, 0, 0, 0, 1, 1, 1],
  ]
  private static let mqttSeeds = [
    "mqtt://broker", "mqtts://line3@10.0.0.7:9000/plant/line3/", "mqtt://[::1]:1883/a%20b",
    "mqtt://u:secret@broker?a#b",
  ]
  private static let addressSeeds = ["1502", "127.0.0.1:1502", "[::1]:502", "localhost:0"]
  private static let cameraSeeds: [[UInt8]] = [
    [0, 0, 0, 0, 4, 0, 0, 0, 2] + (0..<8).map { $0 * 30 }, [2, 0, 0, 0, 2, 0, 0, 0, 2] + (0..<8).map { $0 },
    [6, 0, 0, 0, 3, 0, 0, 0, 3] + (0..<9).map { $0 * 9 }, [9, 0, 0, 0, 1, 0, 0, 0, 2] + (0..<6).map { $0 },
    [10, 0, 0, 0, 2, 0, 0, 0, 1] + (0..<6).map { $0 },
  ]
}
