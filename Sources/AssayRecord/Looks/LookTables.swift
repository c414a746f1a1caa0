import GRDB

/// Narrow tables beside the inspections, from which every question is answered without walking over their pictures.
///
/// They say nothing that the inspections do not say: they can be thrown away and made again. Triggers keep them, so that a
/// program of an earlier version, or another SQLite program, that writes or deletes an inspection leaves them right.
///
/// - `look`: one short row an inspection. `look_kind` numbers what occurs together (bundle, verdict, class, trial).
/// - `look_review`: what is to be looked at, was corrected, or was corrected to something else.
/// - `look_count`: parts of each kind in each quarter of an hour, which all time zones' days are made of.
/// - `look_span`: at which number a quarter begins. Numbers grow with time, so a time is found by number; a clock that was
///   set makes one span more.
/// - `look_serial`, `look_image`: serial numbers by any three characters in a row, and images by the beginning of their hash.
///   They lie scattered, so many rows are added at once, behind the answers: up to number `tail`.
/// - `look_piece`: one or two characters, and in which 4,096 numbers a serial number has them.
///
/// A record of an earlier version is looked through from its newest inspection down: those above `backfilled` are in.
enum LookTables {
  /// Seconds.
  static let quarter = 900.0
  /// States in `look_review`.
  static func state(_ review: RecordQuery.Review) -> Int {
    switch review {
    case .open: 0
    case .corrected: 1
    case .disagreed: 2
    }
  }

  static let schema =
    """
    CREATE TABLE look_kind (
      id INTEGER PRIMARY KEY, bundle TEXT NOT NULL, verdict TEXT NOT NULL, class TEXT NOT NULL, isTrial INTEGER NOT NULL,
      UNIQUE (bundle, verdict, class, isTrial)
    );
    CREATE TABLE look (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, time REAL NOT NULL, serial TEXT, image TEXT);
    CREATE INDEX look_by_kind ON look(kind);
    CREATE TABLE look_review (
      state INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (state, kind, id)
    ) WITHOUT ROWID;
    CREATE TABLE look_count (
      quarter INTEGER NOT NULL, kind INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (quarter, kind)
    ) WITHOUT ROWID;
    CREATE TABLE look_span (first INTEGER PRIMARY KEY, quarter INTEGER NOT NULL);
    CREATE INDEX look_span_quarter ON look_span(quarter);
    CREATE TABLE look_image (image TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (image, id)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE look_serial USING fts5(
      serial, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
    );
    CREATE TABLE look_piece (piece TEXT NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (piece, block)) WITHOUT ROWID;
    CREATE INDEX look_piece_block ON look_piece(block);
    CREATE TABLE look_progress (
      id INTEGER PRIMARY KEY CHECK (id = 1), total INTEGER NOT NULL, backfilled INTEGER NOT NULL, tail INTEGER NOT NULL
    );
    INSERT INTO look_progress SELECT 1, coalesce(max(id), 0), coalesce(max(id), 0), coalesce(max(id), 0) FROM inspection;
    CREATE TABLE clock (
      id INTEGER PRIMARY KEY CHECK (id = 1), wall REAL NOT NULL, uptime REAL NOT NULL, boot TEXT NOT NULL,
      sinceJump REAL
    );
    """ + triggers

  private static let triggers = """
    CREATE TRIGGER look_added AFTER INSERT ON look BEGIN
      INSERT INTO look_count VALUES (\(quarter("NEW.time")), NEW.kind, 1)
        ON CONFLICT (quarter, kind) DO UPDATE SET count = count + 1;
    END;
    CREATE TRIGGER look_removed AFTER DELETE ON look BEGIN
      UPDATE look_count SET count = count - 1 WHERE quarter = \(quarter("OLD.time")) AND kind = OLD.kind;
      DELETE FROM look_count WHERE quarter = \(quarter("OLD.time")) AND kind = OLD.kind AND count <= 0;
      DELETE FROM look_review WHERE state IN (0, 1, 2) AND kind = OLD.kind AND id = OLD.id;
      DELETE FROM look_image WHERE image = OLD.image AND id = OLD.id;
      INSERT INTO look_serial(look_serial, rowid, serial) SELECT 'delete', OLD.id, OLD.serial
        WHERE OLD.serial IS NOT NULL AND OLD.id <= (SELECT tail FROM look_progress);
    END;

    CREATE TRIGGER look_inspection_added AFTER INSERT ON inspection BEGIN
      \(add("NEW"))
      INSERT INTO look_span SELECT NEW.id, \(quarter("NEW.time")) WHERE \(quarter("NEW.time")) IS NOT
        (SELECT quarter FROM look_span WHERE first < NEW.id ORDER BY first DESC LIMIT 1);
    END;
    CREATE TRIGGER look_inspection_removed AFTER DELETE ON inspection BEGIN
      DELETE FROM look WHERE id = OLD.id;
    END;
    -- Inspections are never changed by Assay. Another program may.
    CREATE TRIGGER look_inspection_changed AFTER UPDATE OF
      time, serial, bundle, verdict, class, isUncertain, isTrial, imageHash ON inspection
      WHEN NEW.id = OLD.id AND OLD.id > (SELECT backfilled FROM look_progress)
    BEGIN
      DELETE FROM look WHERE id = OLD.id;
      \(add("NEW"))
      INSERT OR IGNORE INTO look_span SELECT NEW.id + 1, quarter FROM look_span
        WHERE first <= NEW.id ORDER BY first DESC LIMIT 1;
      INSERT OR REPLACE INTO look_span VALUES (NEW.id, \(quarter("NEW.time")));
      INSERT INTO look_serial(rowid, serial) SELECT id, serial FROM look
        WHERE id = NEW.id AND serial IS NOT NULL AND id <= (SELECT tail FROM look_progress);
      INSERT OR IGNORE INTO look_piece VALUES ('', NEW.id / 4096);
      INSERT OR IGNORE INTO look_image SELECT image, id FROM look
        WHERE id = NEW.id AND id <= (SELECT tail FROM look_progress);
    END;

    CREATE TRIGGER look_correction_added AFTER INSERT ON correction BEGIN
      \(renewReview("NEW.inspection"))
    END;
    CREATE TRIGGER look_correction_removed AFTER DELETE ON correction BEGIN
      \(renewReview("OLD.inspection"))
    END;
    CREATE TRIGGER look_correction_changed AFTER UPDATE ON correction BEGIN
      \(renewReview("NEW.inspection"))
    END;
    """

  /// Of a time, as SQL.
  static func quarter(_ time: String) -> String { "CAST(\(time) / 900 AS INTEGER)" }

  private static func add(_ row: String) -> String {
    let kind =
      "bundle = \(row).bundle AND verdict = \(row).verdict AND class = \(row).class"
      + " AND isTrial = (\(row).isTrial IS NOT 0)"
    return """
      INSERT INTO look_kind (bundle, verdict, class, isTrial)
          SELECT \(row).bundle, \(row).verdict, \(row).class, \(row).isTrial IS NOT 0
          WHERE NOT EXISTS (SELECT 1 FROM look_kind WHERE \(kind));
        INSERT INTO look SELECT \(row).id, id, \(row).time, \(row).serial, substr(\(row).imageHash, 1, 16)
          FROM look_kind WHERE \(kind);
        \(review("l.id = \(row).id AND (i.isUncertain OR EXISTS (SELECT 1 FROM correction WHERE inspection = i.id))"));
      """
  }

  private static func renewReview(_ id: String) -> String {
    """
    DELETE FROM look_review WHERE state IN (0, 1, 2) AND kind = (SELECT kind FROM look WHERE id = \(id)) AND id = \(id);
      \(review("l.id = \(id)"));
    """
  }

  /// What inspections are to be reviewed, were, or were disagreed with.
  /// - Parameter condition: on `l`, the looks, and `i`, the inspections.
  static func review(_ condition: String) -> String {
    """
    INSERT INTO look_review SELECT s.state, l.kind, l.id FROM look l CROSS JOIN inspection i ON i.id = l.id
        LEFT JOIN correction c ON c.id = (SELECT max(id) FROM correction WHERE inspection = l.id)
        CROSS JOIN (SELECT 0 AS state UNION ALL SELECT 1 UNION ALL SELECT 2) s
        WHERE \(condition) AND CASE s.state WHEN 0 THEN i.isUncertain AND c.id IS NULL AND i.isTrial IS 0
          WHEN 1 THEN c.id IS NOT NULL
          ELSE c.id IS NOT NULL AND (c.class <> i.class OR c.verdict <> i.verdict) END
    """
  }
}
