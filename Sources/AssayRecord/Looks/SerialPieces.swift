import GRDB

/// Which characters serial numbers have, and where.
enum SerialPieces {
  /// Numbers that are told apart in `look_piece`.
  private static let blockSize: Int64 = 4096

  /// Notes every character and every two in a row of the serial numbers in a range.
  static func add(_ db: Database, from first: Int64, through last: Int64) throws {
    var (block, pieces): (Int64, Set<UInt64>) = (-1, [])
    let insert = try db.cachedStatement(sql: "INSERT OR IGNORE INTO look_piece VALUES (?, ?)")
    func write() throws {
      for piece in pieces { try insert.execute(arguments: [text(piece), block]) }
      pieces.removeAll(keepingCapacity: true)
    }
    let rows = try Row.fetchCursor(
      db,
      sql: "SELECT id, CAST(serial AS TEXT) FROM look WHERE id BETWEEN ? AND ? AND serial IS NOT NULL ORDER BY id",
      arguments: [first, last])
    while let row = try rows.next() {
      let id: Int64 = row[0]
      if id / blockSize != block {
        try write()
        block = id / blockSize
      }
      guard let serial = String.fromDatabaseValue(row[1]) else { continue }
      var before: UInt64 = 0
      for scalar in serial.unicodeScalars {
        let value = UInt64(scalar.value)
        pieces.insert(value)
        if before > 0 { pieces.insert(before << 32 | value) }
        before = value
      }
    }
    try write()
  }

  private static func text(_ piece: UInt64) -> String {
    var text = String.UnicodeScalarView()
    for value in [UInt32(piece >> 32), UInt32(piece & 0xFFFF_FFFF)] where value > 0 {
      if let scalar = Unicode.Scalar(value) { text.append(scalar) }
    }
    return String(text)
  }

  /// The highest numbers in a range among which a serial number has the one or two characters, or perhaps has.
  static func highestBlock(
    of piece: String, _ db: Database, in range: ClosedRange<Int64>
  ) throws -> ClosedRange<Int64>? {
    let statement = try db.cachedStatement(
      sql: "SELECT max(block) FROM look_piece WHERE piece = ? AND block BETWEEN ? AND ?")
    let (low, high) = (range.lowerBound / blockSize, range.upperBound / blockSize)
    // Another program has changed serial numbers where there is an empty piece.
    let blocks = try [piece, ""].compactMap { try Int64.fetchOne(statement, arguments: [$0, low, high]) }
    return blocks.max().map { $0 * blockSize...($0 + 1) * blockSize - 1 }
  }

  /// Of a needle's pieces of three characters those that the fewest serial numbers have, as some from all over the range
  /// tell: rare ones are found at once, and what is common to all would be gone through in vain.
  static func rarest(of needle: String, _ db: Database, in range: ClosedRange<Int64>) throws -> [String] {
    let scalars = Array(needle.unicodeScalars)
    var pieces: [String] = []
    for start in 0...max(0, scalars.count - 3) {
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: scalars[start..<min(start + 3, scalars.count)])
      pieces.append(String(piece))
    }
    guard pieces.count > mostPieces else { return pieces }
    let statement = try db.cachedStatement(sql: "SELECT serial FROM look WHERE id >= ? ORDER BY id LIMIT 1")
    let step = max(1, (range.upperBound - range.lowerBound) / sampleSize)
    var frequencies = [Int](repeating: 0, count: pieces.count)
    for number in stride(from: range.lowerBound, through: range.upperBound, by: Int(step)) {
      guard let serial = try Row.fetchOne(statement, arguments: [number]).map({ $0[0] as DatabaseValue }),
        let text = String.fromDatabaseValue(serial)
      else { continue }
      let bytes = Array(text.utf8)
      for (index, piece) in pieces.enumerated() where bytes.contains(piece) { frequencies[index] += 1 }
    }
    return pieces.indices.sorted { (frequencies[$0], $0) < (frequencies[$1], $1) }.prefix(mostPieces).map { pieces[$0] }
  }

  private static let sampleSize: Int64 = 200
  /// More make a search no shorter.
  private static let mostPieces = 3
}

extension [UInt8] {
  fileprivate func contains(_ text: String) -> Bool {
    let needle = Array(text.utf8)
    guard needle.count <= count else { return false }
    return (0...count - needle.count).contains { start in self[start..<start + needle.count].elementsEqual(needle) }
  }
}
