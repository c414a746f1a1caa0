import AssayPlant
import Testing

/// Who makes room: whoever has said nothing, then whoever only reads, then whoever has triggered; of equals an address
/// with many connections, of these the one silent longest.
@Suite struct ModbusConnectionsTests {
  /// Three places, and a clock that goes on by one with each thing that happens.
  private final class Door {
    var connections = ModbusConnections(maximum: 3)
    private var time = 0.0

    /// - Returns: who makes room.
    func connect(_ descriptor: Int32, from address: UInt8) -> Int32? {
      time += 1
      return leave(connections.add(.init(descriptor: descriptor, address: [address], heard: time)))
    }

    func speak(_ descriptor: Int32, isTrigger: Bool = false) -> Int32? {
      time += 1
      return leave(connections.hear(descriptor, isTrigger: isTrigger, at: time))
    }

    private func leave(_ descriptor: Int32?) -> Int32? {
      if let descriptor { connections.remove(descriptor) }
      return descriptor
    }
  }

  @Test func silentOnesMakeRoomForSilentOnes() {
    let door = Door()
    #expect(door.connect(1, from: 1) == nil)
    #expect(door.speak(1, isTrigger: true) == nil)
    // Twelve places for those that have not spoken.
    for descriptor in 2...13 { #expect(door.connect(Int32(descriptor), from: 2) == nil) }
    #expect(door.connect(14, from: 3) == 2, "the oldest of the address with many")
    #expect(door.connect(15, from: 3) == 3)
    #expect(door.connections.index(of: 1) != nil)
  }

  @Test func readersMakeRoomForWhoeverTriggers() {
    let door = Door()
    for descriptor in 1...4 { #expect(door.connect(Int32(descriptor), from: UInt8(descriptor)) == nil) }
    #expect(door.speak(1, isTrigger: true) == nil)
    #expect(door.speak(2) == nil)
    #expect(door.speak(3) == nil)
    #expect(door.speak(4) == 2, "not the PLC, though it has been silent for longer")
    #expect(door.connect(5, from: 4) == nil)
    #expect(door.speak(5) == 4, "of the address with two the one silent longest, not 3, which is older")
    // Where all others have triggered, a reader does not stay.
    #expect(door.speak(3, isTrigger: true) == nil)
    #expect(door.speak(5, isTrigger: true) == nil)
    #expect(door.connect(6, from: 6) == nil)
    #expect(door.speak(6) == 6)
  }
}
