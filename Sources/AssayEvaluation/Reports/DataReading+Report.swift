package import AssayBundle
package import AssayData
package import AssayReport

extension ReportContent {
  /// Says what was read of a data set, and first of all what was left out of it.
  package mutating func add(_ dataset: Dataset, path: String? = nil) {
    let reading = DataReading(dataset, path: path)
    readings.append(reading.content(dataset.problems))
    // Where several data sets are read, they are told apart.
    let whose = path.map { "\($0): " } ?? ""
    warnings += reading.leftOut.map { "\(whose)\($0)" }
    warnings += reading.notes.filter { $0.kind == .goodClass || $0.kind == .withoutMask }.map { "\(whose)\($0)" }
  }
}

extension DataReading {
  /// As a section of a report.
  /// - Parameter problems: all of them, entry by entry.
  package func content(_ problems: [DataProblem]) -> ReportContent.Reading {
    let decided = notes.first { $0.kind == .layout }?.text
    var facts = [
      ("data set", path), ("layout", decided ?? layout), ("images that take part", "\(images)"),
      ("good class", goodClass ?? "none is known"),
    ]
    if assumedGood > 0 { facts.append(("good because nothing is marked", "\(assumedGood)")) }
    if let encoding { facts.append(("texts that are not UTF-8", "read as \(encoding)")) }
    facts.append(("left out", leftOutImages > 0 ? "\(leftOutImages) images" : leftOut.isEmpty ? "nothing" : "no image"))
    facts += notes.filter { $0.kind != .layout }.map { ("note", $0.text) }
    return ReportContent.Reading(
      facts: facts.map { (name: $0.0, value: $0.1) },
      leftOut: leftOut.map { (what: $0.what, cause: $0.cause, remedy: $0.remedy) },
      entries: problems.map(\.description))
  }
}

extension Manifest.Training {
  /// What is recorded of the data set beside what was made of it.
  /// - Parameter dataset: of which everything has been left out that could not be used.
  package init(
    method: TrainingMethod, recipe: Recipe, seed: UInt64, counts: [String: Int], images: [String],
    of dataset: Dataset
  ) {
    self.init(
      method: method, recipe: recipe, seed: seed, layout: dataset.layout.rawValue, counts: counts, images: images,
      unreadable: 0)
    record(dataset)
  }

  /// Takes over how a data set was read and what was left out of it.
  package mutating func record(_ dataset: Dataset) {
    let reading = DataReading(dataset)
    unreadable = dataset.problems.count { $0.kind == .imageUnreadable }
    leftOut = reading.leftOutByKind
    assumedGood = reading.assumedGood > 0 ? reading.assumedGood : nil
    encoding = reading.encoding
  }
}
