import AssayRecord
import Foundation
import Testing

@Suite struct RecordTests {
  @Test func whatWasWrittenIsFound() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    for index in 0..<10 {
      let entry = Fixture.entry(
        index, verdict: index % 2 == 0 ? "good" : "defect", isUncertain: index == 3, image: index == 4 ? [9, 9] : nil)
      #expect(number(await record.append(entry)) == Int64(index + 1))
    }
    let all = try record.search(RecordQuery())
    #expect(all.map(\.id) == Array(1...10).reversed().map(Int64.init))
    let first = try #require(all.last)
    #expect(first.serial == "S-0" && first.score == 0.25 && first.threshold == 0.5 && first.featureDistance == 1.5)
    #expect(first.width == 300 && first.height == 200 && first.hasHeat && !first.hasImage && first.correction == nil)
    #expect(try record.thumbnail(3) == [1, 2, 2] && record.answer(3) == "{\"number\":2}")
    #expect(try record.image(5) == [9, 9] && record.image(6) == nil)
    let heat = try #require(try record.heat(1))
    #expect(heat.width == 2 && heat.values == [0, 128, 255, 7])
    #expect(try record.inspection(11) == nil && record.thumbnail(11) == nil)

    func ids(_ change: (inout RecordQuery) -> Void) throws -> [Int64] {
      var query = RecordQuery()
      change(&query)
      return try record.search(query).map(\.id)
    }
    #expect(try ids { $0.verdicts = ["defect"] } == [10, 8, 6, 4, 2])
    #expect(try ids { $0.serial = "-7" } == [8])
    #expect(try ids { $0.serial = "%" } == [], "a percent sign is no wildcard")
    #expect(
      try ids {
        $0.from = 1_000_002
        $0.until = 1_000_004
      } == [4, 3])
    #expect(
      try ids {
        $0.before = 4
        $0.limit = 2
      } == [3, 2] && ids { $0.after = 8 } == [10, 9])
    #expect(try ids { $0.review = .open } == [4])
    #expect(
      try ids { $0.bundle = "other" } == []
        && ids {
          $0.class = "scratch"
          $0.after = 9
        } == [10])
    #expect(
      try record.counts(bundle: "part", since: 1_000_005).map { "\($0.verdict) \($0.count)" }.sorted() == [
        "defect 3", "good 2",
      ])
    record.close()
  }

  @Test func correctionsStandBesideTheVerdict() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    _ = await record.append(Fixture.entry(0, verdict: "defect", isUncertain: true))
    #expect(try record.correct(1, Correction(time: 5, verdict: "good", class: "good", note: "dust")))
    #expect(try record.correct(1, Correction(time: 6, verdict: "defect", class: "dent")))
    #expect(try !record.correct(2, Correction(time: 6, verdict: "good", class: "good")))
    let found = try #require(try record.inspection(1))
    #expect(found.verdict == "defect" && found.class == "scratch")
    #expect(found.correction == Correction(time: 6, verdict: "defect", class: "dent"))
    #expect(try record.corrections(1).map(\.class) == ["good", "dent"])
    var query = RecordQuery()
    query.review = .open
    #expect(try record.search(query).isEmpty)
    query.review = .disagreed
    #expect(try record.search(query).count == 1)
    record.close()
  }

  /// The write-ahead log is synchronised at every commit, and a group of callers shares one.
  @Test func groupsAreDurable() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    let settings = try record.durability()
    #expect(settings.journal == "wal" && settings.synchronous == 2, "2 is FULL, sqlite.org/pragma.html")
    let ids = await withTaskGroup(of: Int64?.self) { group in
      for index in 0..<300 { group.addTask { number(await record.append(Fixture.entry(index))) } }
      return await group.reduce(into: Set<Int64>()) { $0.insert($1 ?? -1) }
    }
    #expect(ids == Set(1...300) && record.state.recorded == 300 && record.state.lost == 0)
    record.close()
    #expect(number(await record.append(Fixture.entry(301))) == nil, "nothing is acknowledged after the end")
  }

  /// A process that is killed leaves the files as they are at that moment: copies taken between acknowledgements must hold
  /// everything acknowledged before.
  @Test func whatWasAcknowledgedSurvives() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    for round in 0..<6 {
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<5 {
          group.addTask {
            _ = await record.append(Fixture.entry(round * 5 + index, image: [UInt8](repeating: 7, count: 9000)))
          }
        }
      }
      let copy = fixture.folder + "-\(round)"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
      for name in ["record.sqlite", "record.sqlite-wal"] {
        try FileManager.default.copyItem(atPath: "\(fixture.folder)/\(name)", toPath: "\(copy)/\(name)")
      }
      let survivor = try InspectionRecord(folder: copy)
      #expect(try survivor.isWhole())
      #expect(try survivor.search(RecordQuery()).count == 5 * (round + 1))
      survivor.close()
    }
    record.close()
  }

  /// The log is as long at the beginning as it ever becomes, and what its zeros follow is read back.
  @Test func theLogDoesNotGrow() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    func size() throws -> Int {
      try FileManager.default.attributesOfItem(atPath: record.path + "-wal")[.size] as? Int ?? 0
    }
    let before = try size()
    #expect(before >= 8 << 20)
    let image = [UInt8](repeating: 7, count: 100_000)
    // 20 MB: several rounds.
    for index in 0..<150 { #expect(number(await record.append(Fixture.entry(index, image: image))) != nil) }
    #expect(try size() == before)
    // As after a loss of power: the files as they are.
    let copy = Fixture()
    try FileManager.default.copyItem(atPath: fixture.folder, toPath: copy.folder)
    try? FileManager.default.removeItem(atPath: copy.folder + "/record.sqlite-shm")
    let recovered = try InspectionRecord(folder: copy.folder)
    var query = RecordQuery()
    query.limit = 1000
    #expect(try recovered.search(query).count == 150)
    #expect(try recovered.isWhole())
  }

  @Test func afullDiskIsCountedAndForgiven() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder, maximumBytes: 400_000)
    var outcomes: [InspectionRecord.Outcome] = []
    for index in 0..<60 {
      outcomes.append(await record.append(Fixture.entry(index, image: [UInt8](repeating: 1, count: 16_000))))
    }
    let kept = outcomes.compactMap(number)
    #expect(kept.count > 5 && kept.count < 40)
    #expect(record.state.lost == 60 - kept.count && record.state.failure?.contains("full") == true)
    #expect(try record.search(RecordQuery()).count == min(50, kept.count) && record.isWhole())
    // Room is made, and recording goes on by itself.
    let pruned = try record.prune(RetentionPolicy(bytes: 200_000), now: 2_000_000)
    #expect(pruned.images > 0)
    #expect(number(await record.append(Fixture.entry(99))) != nil && record.state.failure == nil)
    record.close()
  }

  @Test func retention() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    let day = 86_400.0
    for index in 0..<40 {
      _ = await record.append(
        Fixture.entry(index, time: Double(index) * day, image: [UInt8](repeating: 3, count: 20_000)))
    }
    _ = try record.correct(2, Correction(time: 0, verdict: "good", class: "good"))
    // 40 days: the entries of days 0...9 are older than 30, but number 2 was corrected.
    let byAge = try record.prune(RetentionPolicy(days: 30), now: 40 * day)
    #expect(byAge.inspections == 9)
    #expect(try record.search(RecordQuery()).map(\.id).suffix(2) == [11, 2])
    let before = try record.usedBytes()
    let bySize = try record.prune(RetentionPolicy(bytes: before / 2), now: 40 * day)
    #expect(bySize.images > 0 && bySize.inspections == 0)
    #expect(try record.usedBytes() <= before / 2)
    #expect(try record.image(2) != nil, "corrected parts go last")
    #expect(try record.image(11) == nil && record.thumbnail(11) != nil, "of others the image goes first")
    _ = try record.prune(RetentionPolicy(bytes: 1), now: 40 * day)
    #expect(try record.search(RecordQuery()).isEmpty)
    record.close()
  }

  @Test func aForeignFileIsRefused() throws {
    let fixture = Fixture()
    try FileManager.default.createDirectory(atPath: fixture.folder, withIntermediateDirectories: true)
    try Data("no database, but a text that is long enough to be one".utf8).write(
      to: URL(fileURLWithPath: fixture.folder + "/record.sqlite"))
    do {
      _ = try InspectionRecord(folder: fixture.folder)
      Issue.record("a text was opened as a record")
    } catch { #expect(error.description.contains("record.sqlite") && error.description.contains("restore")) }
  }
}
