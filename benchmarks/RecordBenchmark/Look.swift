import AssayRecord
import Foundation

/// A question that people, the page or the station ask.
struct Look: Sendable {
  let name: String
  let run: @Sendable (_ record: InspectionRecord, _ rows: Int, _ round: Int, _ line: Line) throws -> Void

  private static func search(
    _ name: String, _ change: @escaping @Sendable (inout RecordQuery, Int, Int, Line) -> Void
  ) -> Look {
    Look(name: name) { record, rows, round, line in
      var query = RecordQuery()
      change(&query, rows, round, line)
      _ = try record.page(query, seconds: 1)
    }
  }

  static let all: [Look] = [
    search("newest") { _, _, _, _ in },
    search("page's strip") { query, _, _, _ in
      query.bundle = "lid"
      query.limit = 12
      query.isTrial = false
    },
    Look(name: "today") { record, rows, round, line in
      let last = line.start + Double(rows) * Line.interval
      _ = try record.counts(bundle: "lid", since: last - 86_400 + Double(round))
    },
    search("serial") { query, rows, round, _ in query.serial = Line.serial(rows / 13 * (round + 1) % rows) },
    search("part of serial") { query, rows, round, _ in
      query.serial = String(Line.serial(rows / 11 * (round + 1) % rows).suffix(6))
    },
    search("absent serial") { query, _, round, _ in query.serial = "B9-55\(round)" },
    search("absent digits") { query, _, round, _ in query.serial = "9999\(round)99" },
    search("two characters") { query, _, _, _ in query.serial = "QZ" },
    search("rare class") { query, _, _, _ in query.class = "rare" },
    search("absent class") { query, _, _, _ in query.class = "never" },
    search("disagreed") { query, _, _, _ in query.review = .disagreed },
    search("open, bundle") { query, _, _, _ in
      query.review = .open
      query.bundle = "lid"
    },
    search("bundle and time") { query, rows, round, line in
      query.bundle = "housing"
      query.verdicts = ["defect"]
      query.from = line.start + Double(rows) * Line.interval * Double(round + 1) / 14
      query.until = (query.from ?? 0) + 3600
    },
    search("rare class, common serial") { query, _, _, _ in
      query.class = "rare"
      query.serial = "A7-1"
    },
    search("500 of a class") { query, _, _, _ in
      query.class = "scratch"
      query.limit = 500
    },
    Look(name: "image again") { record, rows, round, line in
      let number = rows / 13 * (round + 1) % rows
      let part = line.part(number)
      guard try record.number(serial: part.serial, imageHash: part.imageHash, bundle: part.bundle) != nil else {
        throw RecordError(path: record.path, cause: "part \(number) is not found", remedy: "")
      }
    },
    Look(name: "image not there") { record, rows, round, line in
      _ = try record.number(serial: nil, imageHash: line.hash(-1 - round), bundle: "lid")
    },
    Look(name: "first verdict, new bundle") { record, _, _, _ in
      _ = try record.observations(bundle: "new", since: 0, limit: 2000)
    },
    Look(name: "first verdict, old bundle") { record, _, _, _ in
      _ = try record.observations(bundle: "lid", since: 0, limit: 2000)
    },
  ]
}
