import GRDB

/// The tables. Corrections and images stand beside the inspections, so that neither can change a verdict.
enum RecordSchema {
  /// Of the file, for programs to come; earlier ones left 0.
  static let version = 4

  /// Whether a later version of Assay has been at work here.
  static func isNewer(_ db: Database) throws -> Bool {
    if try migrator.hasBeenSuperseded(db) { return true }
    return try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 > version
  }

  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(
        sql: """
          CREATE TABLE inspection (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time REAL NOT NULL,
            serial TEXT,
            bundle TEXT NOT NULL,
            bundleHash TEXT NOT NULL,
            verdict TEXT NOT NULL,
            class TEXT NOT NULL,
            score REAL,
            threshold REAL,
            probability REAL,
            milliseconds REAL NOT NULL,
            isUncertain INTEGER NOT NULL,
            featureDistance REAL,
            imageHash TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            heatWidth INTEGER NOT NULL,
            answer TEXT NOT NULL,
            heat BLOB NOT NULL,
            thumbnail BLOB NOT NULL
          );
          CREATE INDEX inspection_time ON inspection(time);
          CREATE INDEX inspection_serial ON inspection(serial) WHERE serial IS NOT NULL;
          CREATE INDEX inspection_uncertain ON inspection(id) WHERE isUncertain;

          CREATE TABLE image (
            inspection INTEGER PRIMARY KEY REFERENCES inspection(id) ON DELETE CASCADE,
            bytes BLOB NOT NULL
          );

          CREATE TABLE correction (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            inspection INTEGER NOT NULL REFERENCES inspection(id) ON DELETE CASCADE,
            time REAL NOT NULL,
            verdict TEXT,
            class TEXT NOT NULL,
            note TEXT
          );
          CREATE INDEX correction_inspection ON correction(inspection);
          """)
    }
    // The old rows are of the line. A column with a constant is added without writing any of them.
    migrator.registerMigration("2") { db in
      try db.execute(sql: "ALTER TABLE inspection ADD COLUMN isTrial INTEGER NOT NULL DEFAULT 0")
    }
    // Only new tables, empty but for what is counted on: the inspections stay where they are, and are looked through in the
    // background (``LookIndexer``). No keys are checked, which would read every picture.
    migrator.registerMigration("3 looks", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: LookTables.schema)
      try db.execute(sql: "PRAGMA user_version = 3")
    }
    // Of earlier rows it is not known.
    migrator.registerMigration("4 brightness", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: "ALTER TABLE inspection ADD COLUMN brightness REAL")
      try db.execute(sql: "PRAGMA user_version = \(version)")
    }
    return migrator
  }()

  static let insert = """
    INSERT INTO inspection (time, serial, bundle, bundleHash, verdict, class, score, threshold, probability, milliseconds,
      isUncertain, featureDistance, imageHash, width, height, heatWidth, answer, heat, thumbnail, isTrial, brightness)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  /// Everything but the pictures, with the latest correction.
  static let selection = """
    SELECT i.id, i.time, i.serial, i.bundle, i.bundleHash, i.verdict, i.class, i.score, i.threshold, i.probability,
      i.milliseconds, i.isUncertain, i.featureDistance, i.imageHash, i.width, i.height, i.heatWidth, i.isTrial, i.brightness,
      m.inspection IS NOT NULL AS hasImage,
      c.id AS correctionNumber, c.time AS correctionTime, c.verdict AS correctionVerdict, c.class AS correctionClass, c.note AS correctionNote
    FROM inspection i
    LEFT JOIN image m ON m.inspection = i.id
    LEFT JOIN correction c ON c.id = (SELECT max(id) FROM correction WHERE inspection = i.id)
    """
}
