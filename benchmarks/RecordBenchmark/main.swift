import AssayRecord
import Foundation

/// usage: record-benchmark FOLDER BYTES ROWS...      fills the record to each size, and times looks and commits there
///        record-benchmark FOLDER BYTES migrate      opens a record of an earlier version, and times commits meanwhile
/// What is there is gone on with. BYTES is the size of a row.
let arguments = CommandLine.arguments
guard arguments.count >= 4, let bytes = Int(arguments[2]), bytes >= 500 else {
  print("usage: record-benchmark FOLDER BYTES ROWS... | migrate")
  exit(64)
}
/// At once, also into a file.
func say(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8)) }
let line = Line(bytes: bytes, start: 1_760_000_000)
let clock = ContinuousClock()
func milliseconds(_ time: Duration) -> Double { time / .milliseconds(1) }
func text(_ value: Double) -> String { String(format: "%8.2f", value) }

let record = try InspectionRecord(folder: arguments[1])
if arguments[3] == "migrate" {
  let start = clock.now
  let migrating = Commits(record, line)
  let alone = migrating.run(seconds: 3600) { record.state.indexing == nil }
  let passed = (clock.now - start) / .seconds(1)
  say("looked through in \(Int(passed)) s; commits meanwhile: \(alone)")
  record.close()
  exit(0)
}
say("rows | " + Look.all.map(\.name).joined(separator: " | "))
for rows in arguments[3...].compactMap(Int.init) {
  try fill(record, to: rows)
  let looks = Look.all.map { look -> String in
    var times: [Double] = []
    for round in 0..<12 {
      let start = clock.now
      do { try look.run(record, rows, round, line) } catch { return "\(error)" }
      times.append(milliseconds(clock.now - start))
    }
    // The first may be cold.
    times = times.dropFirst(2).sorted()
    return text(times[times.count / 2]) + " (" + text(times.last ?? 0).drop { $0 == " " } + ")"
  }
  say("\(rows) | " + looks.joined(separator: " | "))
  let commits = Commits(record, line)
  for _ in 0..<2 {
    let alone = commits.run(seconds: 12)
    let searching = commits.run(seconds: 12, people: 4, rows: rows)
    say("  commits alone \(alone)\n  four people searching \(searching)")
  }
}
record.close()

/// Goes on where the record ends.
func fill(_ record: InspectionRecord, to rows: Int) throws {
  var next = Int(try record.search(RecordQuery()).first?.id ?? 0)
  let start = clock.now
  let from = next
  while next < rows {
    let batch = (next..<min(next + 200, rows)).map(line.part)
    record.append(together: batch, isWaiting: true) { if case .lost(let cause) = $0[0] { fatalError(cause) } }
    for number in next..<next + batch.count {
      if let correction = line.correction(number) { _ = try record.correct(Int64(number + 1), correction) }
    }
    next += batch.count
    if next % 100_000 == 0 { say("  filled to \(next), \(Int((clock.now - start) / .seconds(1))) s") }
  }
  if rows > from { say("  \(rows - from) rows in \(Int((clock.now - start) / .seconds(1))) s") }
}
