import AssayData
import AssayTestSupport
import Foundation
import Testing

@Suite struct CopyTests {
  let folder = TemporaryFolder()

  /// Names of the near copies that a survey finds, each set sorted.
  private func found() throws -> Set<[String]> {
    Set(DataSurvey.run(try DatasetReader.read(folder.path)).nearCopies.map { $0.names.sorted() })
  }

  @Test func photographsOfOnePartAreNoCopies() throws {
    for index in 0..<120 { folder.write("good/\(index).pgm", PartPhotograph(seed: UInt64(index)).pgm) }
    #expect(try found().isEmpty, "the same part in the same light, but each with its own texture and noise")
  }

  @Test func copiesAreFoundAmongPhotographsOfOnePart() throws {
    var expected: Set<[String]> = []
    func add(_ name: String, _ seed: UInt64, _ bytes: [UInt8]) {
      folder.write("good/\(name)", bytes)
      expected.insert(["good/\(name)", "good/\(seed).pgm"].sorted())
    }
    func photograph(_ seed: Int) -> PartPhotograph { PartPhotograph(seed: UInt64(seed)) }
    for seed in 0..<60 { folder.write("good/\(seed).pgm", photograph(seed).pgm) }
    for (seed, quality) in [50, 65, 80, 95].enumerated() {
      add("encoded\(quality).jpg", UInt64(seed), try photograph(seed).jpeg(quality))
    }
    add("brighter.pgm", 10, photograph(10).toned(offset: 25).pgm)
    add("darker.pgm", 11, photograph(11).toned(contrast: 0.7, offset: -20).pgm)
    add("harder.pgm", 12, photograph(12).toned(contrast: 1.3).pgm)
    for (at, pixels) in [2, 5, 9].enumerated() {
      add("cut\(pixels).pgm", UInt64(20 + at), photograph(20 + at).cropped(pixels).pgm)
    }
    for (at, pixels) in [1, 3, 5, 8].enumerated() {
      add("shifted\(pixels).pgm", UInt64(30 + at), photograph(30 + at).shifted(pixels).pgm)
    }
    add("all.jpg", 40, try photograph(40).cropped(4).toned(contrast: 1.1, offset: 8).jpeg(75))
    #expect(try found() == expected)
  }

  @Test func aFamilyOfCopiesIsOneSet() throws {
    for seed in 0..<20 { folder.write("good/\(seed).pgm", PartPhotograph(seed: UInt64(seed)).pgm) }
    let many = PartPhotograph(seed: 7)
    for step in 1...12 { folder.write("good/step \(step).pgm", many.toned(offset: Double(step * 2)).pgm) }
    let names = (["good/7.pgm"] + (1...12).map { "good/step \($0).pgm" }).sorted()
    #expect(try found() == [names])
  }

  @Test func theSurveyPrintsThreeLinesHoweverManyCopies() throws {
    for seed in 0..<40 {
      let photograph = PartPhotograph(seed: UInt64(seed))
      folder.write("train/good/\(seed).pgm", photograph.pgm)
      folder.write("test/good/\(seed).pgm", photograph.toned(offset: 20).pgm)
    }
    folder.write("train/bad/0.pgm", PartPhotograph(seed: 500).pgm)
    folder.write("train/bad/1.pgm", PartPhotograph(seed: 0).toned(contrast: 0.8).pgm)
    let survey = DataSurvey.run(try DatasetReader.read(folder.path))
    #expect(survey.nearCopies.count == 40)
    #expect(survey.nearCopies.allSatisfy { $0.leakingSplits == ["test", "train"] })
    let conflicts = survey.nearCopies.compactMap(\.conflictingLabels)
    #expect(conflicts == [["bad", "good"]])
    let lines = survey.text.split(separator: "\n")
    #expect(lines.filter { $0.contains("/good/") }.count == 2, "one line names near copies, one the leaks")
    #expect(lines.contains { $0.hasPrefix("near copies 40 sets, 81 images: ") })
    #expect(lines.contains { $0.hasPrefix("leaks       40 sets over splits, 81 images: ") })
    #expect(survey.warnings.contains { $0.hasPrefix("Leak: near copies of 40 photographs") })
  }

  /// Keeps what it is given.
  private final class Memory: CopyCache, @unchecked Sendable {
    private let lock = NSLock()
    private var fingerprints: [String: [UInt8]] = [:]
    private var verdicts: [[String]: Bool] = [:]
    func fingerprint(of hash: String) -> [UInt8]? { lock.withLock { fingerprints[hash] } }
    func keep(_ fingerprint: [UInt8], of hash: String) { lock.withLock { fingerprints[hash] = fingerprint } }
    func verdict(_ first: String, _ second: String) -> Bool? { lock.withLock { verdicts[[first, second]] } }
    func keep(_ verdict: Bool, _ first: String, _ second: String) {
      lock.withLock { verdicts[[first, second]] = verdict }
    }
  }

  /// A picture that was hashed and then replaced: nothing of the new one is kept under the old one's content.
  @Test func whatChangedSinceItWasHashedIsNotKept() throws {
    let names = ["0.pgm", "1.pgm"]
    for index in 0..<2 { folder.write(names[index], PartPhotograph(seed: UInt64(index)).pgm) }
    let paths = names.map { folder.path + "/" + $0 }
    let hashes = try paths.map { ContentHash.of([UInt8](try Data(contentsOf: URL(fileURLWithPath: $0)))) }
    folder.write(names[1], PartPhotograph(seed: 7).pgm)
    let memory = Memory()
    _ = CopySearch(paths: paths, hashes: hashes, cache: memory).pairs()
    #expect(memory.fingerprint(of: hashes[0]) != nil && memory.fingerprint(of: hashes[1]) == nil)
  }

  @Test func whatIsKnownIsNotDecodedAgain() throws {
    let memory = Memory()
    let names = (0..<30).map { "\($0).pgm" } + ["copy.pgm"]
    for index in 0..<30 { folder.write("\(index).pgm", PartPhotograph(seed: UInt64(index)).pgm) }
    folder.write("copy.pgm", PartPhotograph(seed: 3).toned(offset: 30).pgm)
    let search = CopySearch(
      paths: names.map { folder.path + "/" + $0 },
      hashes: try names.map {
        ContentHash.of([UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + $0))))
      }, cache: memory)
    let first = search.pairs()
    #expect(first.map { [$0.0, $0.1] } == [[3, 30]])
    for name in names { folder.write(name, "gone") }
    #expect(search.pairs().map { [$0.0, $0.1] } == [[3, 30]])
  }
}

@Suite struct CopySetTests {
  private func sample(_ name: String, group: String? = nil) -> Sample {
    Sample(path: "/\(name)", name: name, label: "a", group: group)
  }

  @Test func setsGrowOverGroupsAndSameFiles() {
    // a ~ b are near copies, b and c one group, c and d the same file; e is alone, f and g only a group.
    let samples = [
      sample("a"), sample("b", group: "part"), sample("c", group: "part"), sample("d"), sample("e"),
      sample("f", group: "other"), sample("g", group: "other"),
    ]
    let hashes = ["5", "4", "3", "3", "2", "1", "0"]
    let marked = CopySets.marked(samples, hashes: hashes, pairs: [(0, 1)])
    #expect(marked.map(\.copies) == ["3", "3", "3", "3", nil, nil, nil])
    #expect(marked.map(\.unit) == ["3", "3", "3", "3", nil, "other", "other"])
    let backwards = CopySets.marked(samples.reversed(), hashes: hashes.reversed(), pairs: [(5, 6)])
    #expect(backwards.reversed().map(\.copies) == marked.map(\.copies), "the order does not matter")
  }

  @Test func copiesStayOnOneSideOfSplitsAndFolds() throws {
    let samples = (0..<200).map { Sample(path: "/\($0)", name: "\($0)", label: $0 % 2 == 0 ? "a" : "b") }
    let hashes = samples.map { "hash \($0.name)" }
    // Sets of five, over both classes.
    let pairs = (0..<20).flatMap { set in (1..<5).map { (set * 5, set * 5 + $0) } }
    let marked = CopySets.marked(samples, hashes: hashes, pairs: pairs)
    for seed in UInt64(0)..<30 {
      let splits = SplitRule(seed: seed).assign(samples: marked, hashes: hashes)
      let folds = try Folds.stratified(
        labels: samples.map { $0.label == "a" ? 0 : 1 }, groups: marked.map(\.unit), keys: hashes, folds: 5, seed: seed)
      for set in 0..<20 {
        #expect(Set(splits[set * 5..<set * 5 + 5]).count == 1)
        #expect(Set(folds[set * 5..<set * 5 + 5]).count == 1)
      }
    }
  }

  @Test func whatIsNotPlacedFollowsACopyThatIs() {
    var samples = (0..<6).map { sample("\($0)") }
    samples[0].split = .test
    samples[2].split = .train
    let hashes = samples.map { "hash \($0.name)" }
    let marked = CopySets.marked(samples, hashes: hashes, pairs: [(0, 1), (2, 3)])
    for seed in UInt64(0)..<20 {
      let splits = SplitRule(seed: seed, validation: 0).assign(samples: marked, hashes: hashes)
      #expect(Array(splits.prefix(4)) == [.test, .test, .train, .train])
    }
  }
}
