import AssayRecord
import Foundation
import Testing

/// Every question finds what going through all parts finds.
@Suite struct LookTests {
  private func check(
    _ record: InspectionRecord, _ model: Model, _ random: inout SplitMix, rounds: Int = 60,
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    for _ in 0..<rounds {
      let query = model.question(&random)
      let found = try record.search(query).map(\.id)
      #expect(found == model.search(query), "\(query)", sourceLocation: place)
      var whole = query
      (whole.before, whole.after, whole.limit) = (nil, nil, .max)
      let (total, all) = (try record.total(query, seconds: 60), model.search(whole).count)
      // Inspections of an earlier version that nobody has looked through yet may be missing, and that is said.
      let isKnown = record.state.indexing == nil
      #expect(
        isKnown ? total.count == all && !total.isAtLeast : total.count <= all && total.isAtLeast || total.count == all,
        "\(total) of \(all): \(query)", sourceLocation: place)
    }
    for bundle in [nil, "lid", "never"] {
      for time in [0, 1_760_000_000, 1_760_003_333.5, 1_760_111_111, 1_777_000_000, 1e300] {
        let counts = try record.counts(bundle: bundle, since: time)
        #expect(
          Dictionary(uniqueKeysWithValues: counts.map { ("\($0.verdict) \($0.class)", $0.count) })
            == model.counts(bundle: bundle, since: time), "\(bundle ?? "all") since \(time)", sourceLocation: place)
      }
    }
  }

  /// - Parameter record: takes what the model gets.
  private func fill(
    _ record: InspectionRecord, _ model: inout Model, _ count: Int, _ random: inout SplitMix
  ) async throws {
    for _ in 0..<count {
      let part = Model.part(model.parts.count, &random)
      let id = try #require(number(await record.append(part)))
      model.parts[id] = part
    }
  }

  private func correct(_ record: InspectionRecord, _ model: inout Model, _ random: inout SplitMix) throws {
    for id in model.parts.keys.sorted() where Int.random(in: 0..<8, using: &random) == 0 {
      let verdict = ["good", "defect", nil].randomElement(using: &random) ?? nil
      let correction = Correction(time: 5, verdict: verdict, class: Bool.random(using: &random) ? "good" : "scratch")
      #expect(try record.correct(id, correction))
      model.corrections[id] = correction
    }
  }

  @Test func questionsAreAnsweredAsByGoingThroughAll() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    var (model, random) = (Model(), SplitMix(state: 17))
    // More than are waiting for their serial numbers to be listed.
    try await fill(record, &model, 700, &random)
    try check(record, model, &random)
    try correct(record, &model, &random)
    try correct(record, &model, &random)
    try check(record, model, &random)
    // What is removed is counted no more, and not found by its serial number.
    let oldest = model.parts.values.map(\.time).sorted()[100]
    _ = try record.prune(RetentionPolicy(days: 1), now: oldest + 86_400)
    model.parts = model.parts.filter { $1.time >= oldest || model.corrections[$0] != nil }
    try check(record, model, &random)
    record.close()
    let again = try InspectionRecord(folder: fixture.folder)
    try check(again, model, &random)
    #expect(try again.isWhole())
    again.close()
  }

  /// A record of the version before, while and after it is looked through; parts are recorded, corrected and removed meanwhile.
  @Test func anEarlierRecordIsLookedThrough() async throws {
    let fixture = Fixture()
    var (model, random) = (Model(), SplitMix(state: 4))
    for index in 0..<500 { model.parts[Int64(index + 1)] = Model.part(index, &random) }
    model.corrections[3] = Correction(time: 9, verdict: "good", class: "good")
    model.corrections[444] = Correction(time: 9, verdict: nil, class: "x")
    try Fixture.makeEarlier(
      fixture.folder, (1...500).compactMap { model.parts[$0] },
      corrections: model.corrections.map { ($0.key, $0.value) })
    let record = try InspectionRecord(folder: fixture.folder, indexesInBackground: false)
    #expect(record.state.indexing?.done == 0 && record.state.indexing?.total == 500)
    try check(record, model, &random)
    for step in 0... {
      let hasMore = try record.indexEarlier(count: 90)
      // What is removed is passed over.
      #expect(
        hasMore == (record.state.indexing != nil)
          && record.state.indexing?.done ?? 500 >= Int64(min(500, (step + 1) * 90)))
      try await fill(record, &model, 20, &random)
      if step == 1 { try correct(record, &model, &random) }
      if step == 2 {
        // Also some that are not looked through yet.
        let oldest = model.parts.values.map(\.time).sorted()[60]
        _ = try record.prune(RetentionPolicy(days: 1), now: oldest + 86_400)
        model.parts = model.parts.filter { $1.time >= oldest || model.corrections[$0] != nil }
      }
      try check(record, model, &random, rounds: 25)
      guard hasMore else { break }
    }
    try check(record, model, &random)
    #expect(try record.isWhole())
    record.close()
  }

  @Test func anImageIsFoundAgain() async throws {
    let fixture = Fixture()
    try Fixture.makeEarlier(fixture.folder, (0..<50).map { Fixture.entry($0) } + [Fixture.entry(7)])
    let record = try InspectionRecord(folder: fixture.folder, indexesInBackground: false)
    for _ in 0..<3 {
      #expect(try record.number(serial: "S-7", imageHash: "hash7", bundle: "part") == 51, "the latest")
      #expect(try record.number(serial: "S-8", imageHash: "hash8", bundle: "part") == 9)
      #expect(try record.number(serial: nil, imageHash: "hash8", bundle: "part") == nil)
      _ = try record.indexEarlier(count: 30)
    }
    var part = Fixture.entry(60)
    part.serial = nil
    _ = await record.append(part)
    #expect(try record.number(serial: nil, imageHash: "hash60", bundle: "part") == 52, "not listed yet")
    record.close()
    let again = try InspectionRecord(folder: fixture.folder)
    #expect(try again.number(serial: nil, imageHash: "hash60", bundle: "part") == 52, "listed")
    again.close()
  }

  /// A search that takes too long says how far it came, and goes on from there.
  @Test func aSearchWhoseTimeIsUpSaysSo() async throws {
    let fixture = Fixture()
    try Fixture.makeEarlier(fixture.folder, (0..<2000).map { Fixture.entry($0) })
    let record = try InspectionRecord(folder: fixture.folder, indexesInBackground: false)
    var query = RecordQuery()
    query.serial = "S-3"
    query.limit = 500
    var found: [Int64] = []
    var pages = 0
    while true {
      let page = try record.page(query, seconds: 0)
      found += page.records.map(\.id)
      pages += 1
      guard let next = page.searchedTo else { break }
      query.before = next
    }
    #expect(pages > 1)
    // S-3, S-30 to S-39, S-300 to S-399; and S-3000 is not there.
    let expected: [Int64] = Array(Int64(301)...400).reversed() + Array(Int64(31)...40).reversed() + [4]
    #expect(found == expected)
    record.close()
  }

  @Test func observationsAreTheLatestOfTheBundle() async throws {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    for index in 0..<30 {
      var part = Fixture.entry(index, verdict: index == 20 ? "error" : "good")
      part.score = index == 25 ? nil : Double(index)
      part.isTrial = index == 22
      _ = await record.append(part)
    }
    let found = try record.observations(bundle: "part", since: 1_000_010, until: 1_000_028, limit: 6)
    // 1 - 0.75 where there is no score.
    #expect(found.map(\.score) == [27, 26, 0.25, 24, 23, 21])
    #expect(try record.observations(bundle: "new", since: 0, limit: 10).isEmpty)
    record.close()
  }
}
