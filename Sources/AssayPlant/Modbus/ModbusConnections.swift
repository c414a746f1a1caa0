/// Who stays connected when more want to than there are places.
///
/// Modbus knows no password, so a PLC is told from strangers by what it does. Connections that have not said anything that
/// makes sense have places of their own, and of these the oldest goes; among those that have, whoever only reads goes before
/// whoever has written the trigger, and an address with many connections before one with few. So a PLC finds a place
/// whenever it comes, and once it has triggered only other triggers can take its own.
package struct ModbusConnections {
  /// What a connection has shown itself to be; greater ones stay longer.
  package enum Rank: Int, Comparable {
    case silent, speaks, triggers

    package static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }
  }

  package struct Connection {
    package let descriptor: Int32
    /// The other machine, without its port.
    package let address: [UInt8]
    package var bytes: [UInt8] = []
    package var rank = Rank.silent
    /// Seconds of a clock that nobody sets: when a whole frame has come, or when the connection was made.
    package var heard: Double

    package init(descriptor: Int32, address: [UInt8], heard: Double) {
      self.descriptor = descriptor
      self.address = address
      self.heard = heard
    }
  }

  /// Places of connections that speak.
  package let maximum: Int
  private(set) var all: [Connection] = []

  package init(maximum: Int) { self.maximum = maximum }

  /// Places of those that have not spoken yet: a client that has just connected has time for its first word, also while
  /// many others come.
  package var silentPlaces: Int { 4 * maximum }

  package func index(of descriptor: Int32) -> Int? { all.firstIndex { $0.descriptor == descriptor } }

  package subscript(index: Int) -> Connection {
    get { all[index] }
    set { all[index] = newValue }
  }

  /// - Returns: the connection that is to make room; nil when there is enough.
  package mutating func add(_ connection: Connection) -> Int32? {
    all.append(connection)
    let silent = all.filter { $0.rank == .silent }
    guard silent.count > silentPlaces else { return nil }
    // Not the one that has just come.
    return Self.first(among: silent.dropLast())
  }

  /// Something that makes sense has come.
  /// - Returns: the connection that is to make room; nil when there is enough.
  package mutating func hear(_ descriptor: Int32, isTrigger: Bool, at time: Double) -> Int32? {
    guard let index = index(of: descriptor) else { return nil }
    all[index].heard = time
    all[index].rank = max(all[index].rank, isTrigger ? .triggers : .speaks)
    let speaking = all.filter { $0.rank > .silent }
    return speaking.count > maximum ? Self.first(among: speaking) : nil
  }

  package mutating func remove(_ descriptor: Int32) { all.removeAll { $0.descriptor == descriptor } }

  /// A silent connection whose descriptor could be had for another; nil when there is none.
  package var expendable: Int32? { Self.first(among: all.filter { $0.rank == .silent }) }

  private static func first(among some: [Connection]) -> Int32? {
    let load = Dictionary(some.map { ($0.address, 1) }, uniquingKeysWith: +)
    return some.min { a, b in
      (a.rank.rawValue, -(load[a.address] ?? 0), a.heard) < (b.rank.rawValue, -(load[b.address] ?? 0), b.heard)
    }?.descriptor
  }
}
