import Foundation
import GRDB

extension RecordFile {
  /// Puts entries on disk in one transaction.
  func write(_ groups: [[InspectionEntry]]) -> [[RecordOutcome]] {
    do {
      return try writing { db in
        let insert = try db.cachedStatement(sql: RecordSchema.insert)
        let keep = try db.cachedStatement(sql: "INSERT INTO image (inspection, bytes) VALUES (?, ?)")
        return try groups.map { entries in
          try entries.map { entry in
            try insert.execute(arguments: entry.arguments)
            let id = db.lastInsertedRowID
            if let image = entry.image { try keep.execute(arguments: [id, Data(image)]) }
            return .recorded(id)
          }
        }
      }
    } catch {
      return groups.map { $0.map { _ in .lost(error.description) } }
    }
  }
}

extension InspectionEntry {
  /// About what it adds to the log: its own pages and those of the tables and indices that it changes.
  var loggedBytes: Int { answer.utf8.count + heat.count + thumbnail.count + (image?.count ?? 0) + 57_344 }

  fileprivate var arguments: StatementArguments {
    [
      time, serial, bundle, bundleHash, verdict, `class`, score, threshold, probability, milliseconds, isUncertain,
      featureDistance, imageHash, width, height, heatWidth, answer, Data(heat), Data(thumbnail), isTrial,
      brightness,
    ]
  }
}
