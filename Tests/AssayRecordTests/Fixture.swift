import AssayRecord
import Foundation
import GRDB

/// A record in a folder that goes with its test.
struct Fixture: ~Copyable {
  let folder = NSTemporaryDirectory() + "assay-record-" + UUID().uuidString

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func entry(
    _ number: Int, time: Double = 1_000_000, verdict: String = "good", isUncertain: Bool = false, image: [UInt8]? = nil
  ) -> InspectionEntry {
    InspectionEntry(
      time: time + Double(number), serial: "S-\(number)", bundle: "part", bundleHash: "abc", verdict: verdict,
      class: verdict == "good" ? "good" : "scratch", score: 0.25, threshold: 0.5, probability: 0.75,
      answer: "{\"number\":\(number)}", milliseconds: 7.5, isUncertain: isUncertain, featureDistance: 1.5,
      imageHash: "hash\(number)", width: 300, height: 200, thumbnail: [1, 2, UInt8(number % 256)],
      heat: [0, 128, 255, 7],
      heatWidth: 2, image: image)
  }
}

func number(_ outcome: InspectionRecord.Outcome) -> Int64? {
  if case .recorded(let id) = outcome { id } else { nil }
}

extension Fixture {
  /// A record as the version before the looks left it: tables as they were, number by number what `entries` say.
  static func makeEarlier(_ folder: String, _ entries: [InspectionEntry], corrections: [(Int64, Correction)] = [])
    throws
  {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let pool = try DatabasePool(path: folder + "/record.sqlite")
    try pool.write { db in
      try db.execute(sql: earlierSchema)
      for entry in entries { try insert(entry, db) }
      for (id, correction) in corrections {
        try db.execute(
          sql: "INSERT INTO correction (inspection, time, verdict, class, note) VALUES (?, ?, ?, ?, ?)",
          arguments: [id, correction.time, correction.verdict, correction.class, correction.note])
      }
    }
    try pool.close()
  }

  /// As the version before the looks wrote it.
  static func insert(_ entry: InspectionEntry, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO inspection (time, serial, bundle, bundleHash, verdict, class, score, threshold, probability,
          milliseconds, isUncertain, featureDistance, imageHash, width, height, heatWidth, answer, heat, thumbnail, isTrial)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        entry.time, entry.serial, entry.bundle, entry.bundleHash, entry.verdict, entry.class, entry.score,
        entry.threshold, entry.probability, entry.milliseconds, entry.isUncertain, entry.featureDistance,
        entry.imageHash, entry.width, entry.height, entry.heatWidth, entry.answer, Data(entry.heat),
        Data(entry.thumbnail), entry.isTrial,
      ])
  }

  /// Through another program.
  static func change(_ folder: String, _ body: (Database) throws -> Void) throws {
    let queue = try DatabaseQueue(path: folder + "/record.sqlite")
    try queue.writeWithoutTransaction(body)
    try queue.close()
  }

  private static let earlierSchema = """
    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
    INSERT INTO grdb_migrations VALUES ('1'), ('2');
    CREATE TABLE inspection (
      id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, serial TEXT, bundle TEXT NOT NULL,
      bundleHash TEXT NOT NULL, verdict TEXT NOT NULL, class TEXT NOT NULL, score REAL, threshold REAL, probability REAL,
      milliseconds REAL NOT NULL, isUncertain INTEGER NOT NULL, featureDistance REAL, imageHash TEXT NOT NULL,
      width INTEGER NOT NULL, height INTEGER NOT NULL, heatWidth INTEGER NOT NULL, answer TEXT NOT NULL,
      heat BLOB NOT NULL, thumbnail BLOB NOT NULL, isTrial INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX inspection_time ON inspection(time);
    CREATE INDEX inspection_serial ON inspection(serial) WHERE serial IS NOT NULL;
    CREATE INDEX inspection_uncertain ON inspection(id) WHERE isUncertain;
    CREATE TABLE image (
      inspection INTEGER PRIMARY KEY REFERENCES inspection(id) ON DELETE CASCADE, bytes BLOB NOT NULL
    );
    CREATE TABLE correction (
      id INTEGER PRIMARY KEY AUTOINCREMENT, inspection INTEGER NOT NULL REFERENCES inspection(id) ON DELETE CASCADE,
      time REAL NOT NULL, verdict TEXT, class TEXT NOT NULL, note TEXT
    );
    CREATE INDEX correction_inspection ON correction(inspection);
    """
}
