import AssayRecord
import Foundation
import GRDB
import Testing

/// A record that holds what does not belong there, or cannot be written.
@Suite struct RecordFailureTests {
  @Test(arguments: [
    "time = 'yesterday'", "score = 'high'", "milliseconds = x'00ff'", "isUncertain = 'perhaps'", "width = 'wide'",
    "score = 9e999", "heatWidth = 'h'", "bundle = x'ff00'",
  ]) func aRowOfAWrongTypeIsSkippedAndCounted(_ change: String) async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    for index in 0..<6 { _ = await record.append(Fixture.entry(index)) }
    record.close()
    try Fixture.change(fixture.folder) { try $0.execute(sql: "UPDATE inspection SET \(change) WHERE id = 4") }
    let again = try InspectionRecord(folder: fixture.folder)
    #expect(try again.search(RecordQuery()).map(\.id) == [6, 5, 3, 2, 1])
    var query = RecordQuery()
    query.limit = 4
    #expect(try again.search(query).map(\.id) == [6, 5, 3, 2], "another takes its place")
    #expect(again.state.unreadable == 1, "once, however often it is come across")
    #expect(throws: AssayRecord.RecordError.self) { try again.inspection(4) }
    _ = try again.counts(bundle: nil, since: 0)
    _ = try again.observations(bundle: "part", since: 0, limit: 10)
    _ = try? again.heat(4)
    _ = try again.answer(4)
    #expect(number(await again.append(Fixture.entry(9))) == 7)
    again.close()
  }

  @Test(arguments: ["PRAGMA user_version = 99", "INSERT INTO grdb_migrations VALUES ('4 later')"])
  func aLaterVersionsRecordIsLeftAlone(_ change: String) async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    _ = await record.append(Fixture.entry(1))
    record.close()
    try Fixture.change(fixture.folder) { try $0.execute(sql: change) }
    #expect(throws: AssayRecord.RecordError.self) { try InspectionRecord(folder: fixture.folder) }
    let tolerant = try InspectionRecord(folder: fixture.folder, toleratingFailure: ())
    #expect(tolerant.whyNotOpen?.reason == .newer && tolerant.state.failure?.contains("later version") == true)
    guard case .lost(let cause) = await tolerant.append(Fixture.entry(2)) else {
      Issue.record("it was recorded")
      return
    }
    #expect(cause.contains("later version") && tolerant.state.lost == 1)
    #expect(throws: AssayRecord.RecordError.self) { try tolerant.search(RecordQuery()) }
    tolerant.close()
    try Fixture.change(fixture.folder) { db in
      let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM inspection")
      #expect(count == 1)
    }
  }

  /// As on a disk that takes no writing: the station inspects, and recording begins once it does.
  @Test func recordingBeginsOnceItCan() async throws {
    let fixture = Fixture()
    let place = fixture.folder + "/record.sqlite"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let record = try InspectionRecord(folder: fixture.folder, toleratingFailure: (), retryTime: .zero)
    #expect(record.state.failure?.contains("record.sqlite") == true)
    #expect(number(await record.append(Fixture.entry(1))) == nil && record.state.lost == 1)
    try FileManager.default.removeItem(atPath: place)
    #expect(number(await record.append(Fixture.entry(2))) == 1)
    #expect(record.state.failure == nil && record.whyNotOpen == nil)
    record.close()
  }

  @Test func aFullDiskAtTheStart() async throws {
    let fixture = Fixture()
    // Not even the tables fit.
    let record = try InspectionRecord(folder: fixture.folder, maximumBytes: 8192, toleratingFailure: ())
    #expect(record.whyNotOpen?.reason == .full)
    guard case .lost(let cause) = await record.append(Fixture.entry(1)) else {
      Issue.record("it was recorded")
      return
    }
    #expect(cause.contains("full") && cause.contains("record.sqlite"))
    record.close()
  }

  /// Parts of one request: all or none.
  @Test func aBatchIsRecordedWholeOrNotAtAll() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder, maximumBytes: 600_000)
    func append(_ entries: [InspectionEntry]) async -> [InspectionRecord.Outcome] {
      await withCheckedContinuation { continuation in
        record.append(together: entries, isWaiting: true) { continuation.resume(returning: $0) }
      }
    }
    #expect(await append((0..<4).map { Fixture.entry($0) }).compactMap(number) == [1, 2, 3, 4])
    let large = [UInt8](repeating: 7, count: 300_000)
    #expect(await append((0..<9).map { Fixture.entry($0, image: $0 > 4 ? large : nil) }).compactMap(number) == [])
    #expect(try record.search(RecordQuery()).count == 4 && record.state.lost == 9)
    record.close()
  }
}
