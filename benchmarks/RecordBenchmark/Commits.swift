import AssayRecord
import Foundation
import Synchronization

/// People who search, each over and over again.
final class Crowd: Sendable {
  private let record: InspectionRecord
  private let line: Line
  private let rows: Int
  private let isEnd = Mutex(false)
  private let looks = Mutex((done: 0, refused: 0))
  private let group = DispatchGroup()

  init(_ record: InspectionRecord, _ line: Line, _ rows: Int) {
    self.record = record
    self.line = line
    self.rows = rows
  }

  func begin(_ person: Int) {
    group.enter()
    Task { [self] in
      var round = person
      while !isEnd.withLock({ $0 }) {
        let look = Look.all[(round * 7 + person) % Look.all.count]
        let turn = round % 12
        do {
          try await record.looking { [rows, line] in try look.run($0, rows, turn, line) }
          looks.withLock { $0.done += 1 }
        } catch { looks.withLock { $0.refused += 1 } }
        round += 1
        // A person reads what comes; a fifth of a second is a hurry.
        try? await Task.sleep(for: .milliseconds(200))
      }
      group.leave()
    }
  }

  func end() -> (done: Int, refused: Int) {
    isEnd.withLock { $0 = true }
    group.wait()
    return looks.withLock { $0 }
  }
}

/// Records a part every 10 ms, and times each commit.
final class Commits: Sendable {
  private let record: InspectionRecord
  private let line: Line
  private let next: Mutex<Int>

  init(_ record: InspectionRecord, _ line: Line) {
    self.record = record
    self.line = line
    let newest = (try? record.search(RecordQuery()).first?.id) ?? nil
    next = Mutex(Int(newest ?? 0))
  }

  /// - Parameter people: who search all the while, each over again.
  func run(
    seconds: Double, people: Int = 0, rows: Int = 1, until isDone: @escaping @Sendable () -> Bool = { false }
  ) -> String {
    let crowd = Crowd(record, line, rows)
    for person in 0..<people { crowd.begin(person) }
    var times: [Double] = []
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end, !isDone() {
      let number = next.withLock { number in
        defer { number += 1 }
        return number
      }
      let part = line.part(number)
      let start = ContinuousClock.now
      let done = DispatchSemaphore(value: 0)
      record.append(part) { _ in done.signal() }
      done.wait()
      times.append((ContinuousClock.now - start) / .milliseconds(1))
      Thread.sleep(forTimeInterval: 0.01)
    }
    let (done, refused) = crowd.end()
    times.sort()
    func percentile(_ share: Double) -> String {
      String(format: "%.2f", times.isEmpty ? 0 : times[min(times.count - 1, Int(share * Double(times.count)))])
    }
    return "n=\(times.count) p50 \(percentile(0.5)) p99 \(percentile(0.99)) max \(percentile(1)) ms"
      + (people > 0 ? "; looks \(done), refused \(refused)" : "")
  }
}
