/// Who stays connected when more want to than there are places.
///
/// Modbus knows no password, so a PLC is told from strangers by what it does. Connections that have not said anything that
/// makes sense have places of their own, and of these the oldest goes; among those that have, whoever only reads goes before
/// whoever has written the trigger, and an address with many connections before one with few. So a PLC finds a place
/// whenever it comes, and once it has triggered only other triggers can take its own.
struct ModbusConnections {
  /// What a connection has shown itself to be; greater ones stay longer.
  enum Rank: Int, Comparable {
    case silent, speaks, triggers

    static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }
  }

  struct Connection {
    let descriptor: Int32
    /// The other machine, without its port.
    let address: [UInt8]
    var bytes: [UInt8] = []
    var rank = Rank.silent
    /// Seconds of a clock that nobody sets: when a whole frame has come, or when the connection was made.
    var heard: Double
  }

  /// Places of connections that speak.
  let maximum: Int
  private(set) var all: [Connection] = []

  init(maximum: Int) { self.maximum = maximum }

  /// Places of those that have not spoken yet: a client that has just connected has time for its first word, also while
  /// many others come.
  var silentPlaces: Int { 4 * maximum }

  func index(of descriptor: Int32) -> Int? { all.firstIndex { $0.descriptor == descriptor } }

  subscript(index: Int) -> Connection {
    get { all[index] }
    set { all[index] = newValue }
  }

  /// - Returns: the connection that is to make room; nil when there is enough.
  mutating func add(_ connection: Connection) -> Int32? {
    all.append(connection)
    let silent = all.filter { $0.rank == .silent }
    guard silent.count > silentPlaces else { return nil }
    // Not the one that has just come.
    return Self.first(among: silent.dropLast())
  }

  /// Something that makes sense has come.
  /// - Returns: the connection that is to make room; nil when there is enough.
  mutating func hear(_ descriptor: Int32, isTrigger: Bool, at time: Double) -> Int32? {
    guard let index = index(of: descriptor) else { return nil }
    all[index].heard = time
    all[index].rank = max(all[index].rank, isTrigger ? .triggers : .speaks)
    let speaking = all.filter { $0.rank > .silent }
    return speaking.count > maximum ? Self.first(among: speaking) : nil
  }

  mutating func remove(_ descriptor: Int32) { all.removeAll { $0.descriptor == descriptor } }

  /// A silent connection whose descriptor could be had for another; nil when there is none.
  var expendable: Int32? { Self.first(among: all.filter { $0.rank == .silent }) }

  private static func first(among some: [Connection]) -> Int32? {
    let load = Dictionary(some.map { ($0.address, 1) }, uniquingKeysWith: +)
    return some.min { a, b in
      (a.rank.rawValue, -(load[a.address] ?? 0), a.heard) < (b.rank.rawValue, -(load[b.address] ?? 0), b.heard)
    }?.descriptor
  }
}
