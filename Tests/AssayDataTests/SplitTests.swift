import AssayData
import AssayTestSupport
import Testing

@Suite struct SplitTests {
  private func samples(_ count: Int, label: String = "a") -> [Sample] {
    (0..<count).map { Sample(path: "/\(label)\($0)", name: "\(label)\($0)", label: label) }
  }

  private func keys(_ samples: [Sample]) -> [String] { samples.map { "hash of \($0.name)" } }

  @Test func sameImageSameSplitWhateverIsAdded() {
    let rule = SplitRule(seed: 3)
    let few = samples(60)
    let many = few + samples(200, label: "b") + samples(5, label: "c")
    let first = rule.assign(samples: few, hashes: keys(few))
    let second = rule.assign(samples: many, hashes: keys(many))
    #expect(first == Array(second.prefix(60)))
    #expect(first != SplitRule(seed: 4).assign(samples: few, hashes: keys(few)))
  }

  @Test func sharesAreMetOnAverageInEveryClass() {
    for label in ["a", "b", "c"] {
      let own = samples(3000, label: label)
      let splits = SplitRule(validation: 0.15, test: 0.2).assign(samples: own, hashes: keys(own))
      #expect((540...660).contains(splits.count { $0 == .test }))
      #expect((390...510).contains(splits.count { $0 == .validation }))
    }
  }

  @Test func copiesAndGroupsStayTogether() {
    var own = samples(100)
    for index in own.indices { own[index].group = "coil \(index / 10)" }
    let splits = SplitRule().assign(samples: own, hashes: keys(own))
    for group in 0..<10 { #expect(Set(splits[group * 10..<group * 10 + 10]).count == 1) }
    let copies = samples(50)
    let same = SplitRule().assign(samples: copies, hashes: [String](repeating: "x", count: 50))
    #expect(Set(same).count == 1)
  }

  @Test func givenSplitsAreKept() {
    var own = samples(100)
    for index in 0..<20 { own[index].split = .test }
    let splits = SplitRule().assign(samples: own, hashes: keys(own))
    #expect(splits.prefix(20).allSatisfy { $0 == .test })
    #expect(!splits.dropFirst(20).contains(.test), "a given test set is the whole test set")
    #expect(splits.contains(.validation))
  }

  @Test func everyClassKeepsTrainingImages() {
    for seed in 0..<40 {
      let own = samples(3, label: "rare") + samples(50)
      let splits = SplitRule(seed: UInt64(seed), validation: 0.3, test: 0.5).assign(samples: own, hashes: keys(own))
      #expect(splits.prefix(3).count { $0 == .train } >= 2)
    }
  }
}

@Suite struct FoldTests {
  private func names(_ count: Int) -> [String] { (0..<count).map { "hash \($0)" } }

  @Test(arguments: [2, 3, 5, 10])
  func stratifiedExactly(folds: Int) throws {
    let labels = (0..<137).map { $0 < 100 ? 0 : $0 < 130 ? 1 : 2 }
    let result = try Folds.stratified(
      labels: labels, groups: Array(repeating: nil, count: 137), keys: names(137), folds: folds, seed: 1)
    for label in 0..<3 {
      let counts = (0..<folds).map { fold in labels.indices.count { labels[$0] == label && result[$0] == fold } }
      #expect(counts.max()! - counts.min()! <= 1)
    }
    let sizes = (0..<folds).map { fold in result.count { $0 == fold } }
    #expect(sizes.max()! - sizes.min()! <= 1)
  }

  @Test func independentOfOrder() throws {
    let labels = (0..<40).map { $0 % 3 }
    let keys = names(40)
    let straight = try Folds.stratified(
      labels: labels, groups: Array(repeating: nil, count: 40), keys: keys, folds: 4, seed: 9)
    let backwards = try Folds.stratified(
      labels: labels.reversed(), groups: Array(repeating: nil, count: 40), keys: keys.reversed(), folds: 4, seed: 9)
    #expect(straight == backwards.reversed())
    let other = try Folds.stratified(
      labels: labels, groups: Array(repeating: nil, count: 40), keys: keys, folds: 4, seed: 10)
    #expect(straight != other)
  }

  @Test func groupsAndCopiesShareAFold() throws {
    let groups: [String?] = (0..<60).map { $0 < 30 ? "g\($0 / 6)" : nil }
    var keys = names(60)
    keys[59] = keys[58]
    let result = try Folds.stratified(labels: (0..<60).map { $0 % 2 }, groups: groups, keys: keys, folds: 3, seed: 0)
    for group in 0..<5 { #expect(Set(result[group * 6..<group * 6 + 6]).count == 1) }
    #expect(result[58] == result[59])
  }

  @Test func impossibleFolds() {
    #expect(throws: Folds.Impossible.self) {
      try Folds.stratified(labels: [0, 1], groups: [nil, nil], keys: ["a", "b"], folds: 3, seed: 0)
    }
    #expect(throws: Folds.Impossible.self) {
      try Folds.stratified(labels: [0, 1], groups: [nil, nil], keys: ["a", "b"], folds: 1, seed: 0)
    }
  }
}

@Suite struct SurveyTests {
  let folder = TemporaryFolder()

  @Test func findsCopiesLeaksAndDamage() throws {
    for index in 0..<12 { folder.picture("train/good/\(index).pgm", seed: index) }
    for index in 0..<3 { folder.picture("train/bad/\(index).pgm", seed: 100 + index) }
    folder.picture("test/good/copy.pgm", seed: 4)
    folder.picture("test/good/brighter.pgm", seed: 7, shift: 12)
    folder.picture("test/bad/other label.pgm", seed: 5)
    folder.write("train/bad/cut.pgm", Array(Pictures.areas(seed: 1, side: 24, shift: 0).prefix(100)))
    folder.write("train/good/text.png", "not an image")
    folder.picture("train/good/really pgm.png", seed: 50)
    let survey = DataSurvey.run(try DatasetReader.read(folder.path))
    #expect(survey.unreadable.map(\.name) == ["train/bad/cut.pgm", "train/good/text.png"])
    #expect(survey.misnamed == ["train/good/really pgm.png"])
    #expect(
      survey.exactCopies.map(\.names) == [
        ["test/bad/other label.pgm", "train/good/5.pgm"], ["test/good/copy.pgm", "train/good/4.pgm"],
      ])
    #expect(survey.exactCopies[0].conflictingLabels == ["bad", "good"])
    #expect(survey.exactCopies[1].leakingSplits?.contains("test") == true)
    #expect(survey.nearCopies.contains { $0.names == ["test/good/brighter.pgm", "train/good/7.pgm"] })
    #expect(survey.nearCopies.count == 1, "different pictures are not copies")
    #expect(survey.warnings.contains { $0.hasPrefix("Leak:") })
    #expect(survey.counts["good"]?["test"] == 2)
    #expect(survey.text.contains("train/bad/cut.pgm"))
  }
}
