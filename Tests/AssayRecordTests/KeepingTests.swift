import AssayRecord
import Foundation
import Testing

/// How long the record is kept, and how large it becomes.
@Suite struct KeepingTests {
  private static let day = 86_400.0
  private static let start = 1_760_000_000.0
  private let policy = RetentionPolicy(days: 90)

  /// A clock as the station reads it: seconds since the start as everybody sees them, and as they passed.
  private func at(_ shown: Double, passed: Double, boot: String = "first") -> RecordClock.Reading {
    RecordClock.Reading(wall: Self.start + shown, uptime: 1000 + passed, boot: boot)
  }

  private func filled(_ folder: String) async throws -> InspectionRecord {
    let record = try InspectionRecord(folder: folder, at: at(0, passed: 0))
    for index in 0..<10 { _ = await record.append(Fixture.entry(index, time: Self.start)) }
    _ = try record.tidyUp(policy, at: at(60, passed: 60))
    return record
  }

  @Test func whatIsOldGoesWithAClockThatRuns() async throws {
    let fixture = Fixture()
    let record = try await filled(fixture.folder)
    for day in 1...89 {
      #expect(try record.tidyUp(policy, at: at(Double(day) * Self.day, passed: Double(day) * Self.day)) == .init())
    }
    #expect(try record.tidyUp(policy, at: at(91 * Self.day, passed: 91 * Self.day)).inspections == 10)
    record.close()
  }

  @Test func aClockThatJumpsRemovesNothingForADay() async throws {
    let fixture = Fixture()
    var record = try await filled(fixture.folder)
    let ahead = 200 * Self.day
    var pruned = try record.tidyUp(policy, at: at(ahead, passed: 120))
    #expect(pruned.inspections == 0 && pruned.waitsForClock == Self.day)
    pruned = try record.tidyUp(policy, at: at(ahead + 20 * 3600, passed: 120 + 20 * 3600))
    #expect(pruned.inspections == 0 && pruned.waitsForClock == 4 * 3600)
    // Another run of the station: what it was off does not count.
    record.close()
    record = try InspectionRecord(folder: fixture.folder, at: at(ahead + 30 * 3600, passed: 120 + 30 * 3600))
    pruned = try record.tidyUp(policy, at: at(ahead + 33 * 3600, passed: 120 + 33 * 3600))
    #expect(pruned.inspections == 0 && pruned.waitsForClock == 3600)
    pruned = try record.tidyUp(policy, at: at(ahead + 34 * 3600, passed: 120 + 34 * 3600))
    #expect(pruned.inspections == 10 && pruned.waitsForClock == nil)
    record.close()
  }

  @Test func aClockSetBackAgainRemovesNothing() async throws {
    let fixture = Fixture()
    let record = try await filled(fixture.folder)
    #expect(try record.tidyUp(policy, at: at(200 * Self.day, passed: 120)).inspections == 0)
    #expect(try record.tidyUp(policy, at: at(180, passed: 180)).inspections == 0)
    #expect(try record.tidyUp(policy, at: at(180 + 2 * Self.day, passed: 180 + 2 * Self.day)).inspections == 0)
    #expect(try record.search(RecordQuery()).count == 10)
    record.close()
  }

  /// A machine that was off says nothing of how long: a weekend is believed, half a year is not.
  @Test(arguments: [(3.0, 10), (200.0, 0), (-2.0, 0)])
  func aMachineThatWasOff(_ days: Double, _ removed: Int) async throws {
    let fixture = Fixture()
    let record = try await filled(fixture.folder)
    let short = RetentionPolicy(days: 1)
    #expect(try record.tidyUp(short, at: at(days * Self.day, passed: -900, boot: "second")).inspections == removed)
    record.close()
  }

  @Test func sizeIsKeptWhateverTheClock() async throws {
    let fixture = Fixture()
    let record = try await filled(fixture.folder)
    let pruned = try record.tidyUp(RetentionPolicy(days: 90, bytes: 1), at: at(200 * Self.day, passed: 120))
    #expect(pruned.inspections == 10 && pruned.waitsForClock == Self.day)
    record.close()
  }

  private func size(_ folder: String) throws -> (file: Int, log: Int) {
    func bytes(_ name: String) throws -> Int {
      try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int ?? 0
    }
    return (try bytes("record.sqlite"), try bytes("record.sqlite-wal"))
  }

  /// At every moment, not once a minute.
  @Test func theSizeHoldsWhileImagesArrive() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    record.keep(bytes: 16 << 20)
    let image = [UInt8](repeating: 7, count: 4 << 20)
    for index in 0..<30 {
      #expect(number(await record.append(Fixture.entry(index, image: image))) != nil)
      let size = try size(fixture.folder)
      #expect(size.file + size.log <= 80 << 20 && size.log <= 64 << 20)
    }
    #expect(try record.usedBytes() <= 16 << 20)
    #expect(try record.search(RecordQuery()).count == 30, "the images go first")
    record.close()
  }

  /// Debian's SQLite writes zeros over what is deleted: 120 MB through the log.
  @Test func pruningKeepsTheLogShort() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    let image = [UInt8](repeating: 7, count: 6 << 20)
    for index in 0..<20 { _ = await record.append(Fixture.entry(index, time: 0, image: image)) }
    #expect(try record.prune(RetentionPolicy(days: 1), now: 10 * Self.day).inspections == 20)
    let size = try size(fixture.folder)
    #expect(size.log <= 64 << 20 && size.file < 16 << 20, "given back to the disk")
    record.close()
  }
}
