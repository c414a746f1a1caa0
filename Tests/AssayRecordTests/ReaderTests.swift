import AssayRecord
import Foundation
import Synchronization
import Testing

/// Holds who comes, and counts how many are there at once.
private final class Held: Sendable {
  private let running = Mutex((now: 0, most: 0))
  private let isHeld = Mutex(true)

  func pass() {
    running.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
    while isHeld.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.001) }
    running.withLock { $0.now -= 1 }
  }

  func release() { isHeld.withLock { $0 = false } }

  var most: Int { running.withLock { $0.most } }
}

@Suite struct ReaderTests {
  /// However many ask, two read at once; those who would wait too long are told so, and so are those who find the line full.
  @Test func readersAreFewAndSaySo() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    _ = await record.append(Fixture.entry(1))
    let held = Held()
    let outcomes = await withTaskGroup(of: RecordError.Reason?.self) { group in
      for _ in 0..<100 {
        group.addTask {
          do {
            let found = try await record.looking { record in
              held.pass()
              return try record.search(RecordQuery()).count
            }
            #expect(found == 1)
            return nil
          } catch { return (error as? RecordError)?.reason }
        }
      }
      // Two are held and 64 wait; the others come back at once.
      var reasons: [RecordError.Reason?] = []
      for _ in 0..<34 { reasons.append(await group.next() ?? nil) }
      held.release()
      for await reason in group { reasons.append(reason) }
      return reasons
    }
    // On a slow machine some wait too long.
    #expect(outcomes.count { $0 == .busy } >= 34 && outcomes.allSatisfy { $0 == nil || $0 == .busy })
    #expect(held.most == 2)
    record.close()
  }
}
