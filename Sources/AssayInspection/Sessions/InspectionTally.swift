import Foundation

/// What a run of inspections came to, in a line: `60 good, 15 defect (scratch 9, stain 6), 2 uncertain (1 good, 1 defect)`.
///
/// A part that is uncertain is neither among the good ones nor among the defective ones, as `assay watch` sorts it; what has no
/// verdict is counted by itself, whatever the reason.
package struct InspectionTally: Sendable {
  /// How a piece of the line is coloured.
  package enum Tone: Sendable { case good, defect, uncertain, plain }

  package struct Piece: Sendable {
    package let text: String
    package let tone: Tone
  }

  /// What one part counts as, from whatever source it is known.
  package struct Part: Sendable {
    package let verdict: Verdict
    package let isUncertain: Bool
    /// The class, or all classes that were found on it.
    package let classes: [String]
    /// Values of tasks beside the verdict, by name.
    package let tasks: [String: TaskReading]

    package init(
      _ verdict: Verdict, isUncertain: Bool, classes: [String], tasks: [String: TaskReading] = [:]
    ) {
      self.verdict = verdict
      self.isUncertain = isUncertain
      self.classes = classes
      self.tasks = tasks
    }

    package init(_ inspection: Inspection) {
      var classes = [inspection.class]
      if case .labels(let finding) = inspection.outcome { classes = finding.found.map(\.class) }
      self.init(
        inspection.verdict, isUncertain: inspection.isUncertain, classes: classes, tasks: inspection.tasks ?? [:])
    }
  }

  /// So many classes are named, the most frequent ones.
  private static let namedClasses = 6

  package private(set) var certain: [Verdict: Int] = [:]
  package private(set) var uncertain: [Verdict: Int] = [:]
  /// Of defective parts, or of all where no class is good, without the uncertain ones; a part with several classes counts for each.
  package private(set) var classes: [String: Int] = [:]
  /// Could not be read, or lie there in a format that is not read.
  package private(set) var unreadable = 0
  /// Were read, and have no verdict: the network did not answer.
  package private(set) var failed = 0
  private var values: [String: TaskValues] = [:]

  package init() {}

  /// All that were looked at or for.
  package var count: Int { inspected + unreadable + failed }

  /// Parts with the verdict defect, certain or not.
  package var defects: Int { (certain[.defect] ?? 0) + (uncertain[.defect] ?? 0) }

  private var inspected: Int { certain.values.reduce(0, +) + uncertain.values.reduce(0, +) }

  package mutating func add(_ part: Part) {
    if part.isUncertain { uncertain[part.verdict, default: 0] += 1 } else { certain[part.verdict, default: 0] += 1 }
    if !part.isUncertain, part.verdict == .defect || part.verdict == .classified {
      for name in part.classes where !name.isEmpty { classes[name, default: 0] += 1 }
    }
    for (name, reading) in part.tasks {
      values[name, default: TaskValues()].add(reading, isVerdict: part.classes == [reading.class ?? ""])
    }
  }

  package mutating func add(_ error: InspectionError) {
    if case .image = error { unreadable += 1 } else { failed += 1 }
  }

  package mutating func add(unreadable number: Int) { unreadable += number }

  package mutating func add(failed number: Int) { failed += number }

  // MARK: The line

  /// Without names escaped, and without the time; empty when there was nothing.
  package var pieces: [Piece] {
    var parts: [[Piece]] = []
    let judged = [Verdict.good, .defect].contains { certain[$0] != nil || uncertain[$0] != nil }
    if judged {
      parts.append([Piece(text: "\(certain[.good] ?? 0) good", tone: .good)])
      let named = classNames(besides: ["defect", "defective"])
      parts.append([
        Piece(text: "\(certain[.defect] ?? 0) defect", tone: .defect),
        Piece(text: named.map { " (\($0))" } ?? "", tone: .plain),
      ])
    }
    if let number = total(.classified) {
      parts.append([Piece(text: classNames() ?? "\(number) classified", tone: .plain)])
    }
    if let number = total(.measured) { parts.append([Piece(text: "\(number) measured", tone: .plain)]) }
    if let number = total(.unjudged) { parts.append([Piece(text: "\(number) unjudged", tone: .uncertain)]) }
    let doubtful = uncertain.filter { $0.key != .unjudged }
    let number = doubtful.values.reduce(0, +)
    if number > 0 {
      let split = [Verdict.good, .defect].compactMap { verdict in
        doubtful[verdict].map { "\($0) \(verdict.rawValue)" }
      }.joined(separator: ", ")
      parts.append([
        Piece(text: "\(number) uncertain", tone: .uncertain),
        Piece(text: split.isEmpty ? "" : " (\(split))", tone: .plain),
      ])
    }
    if unreadable > 0 { parts.append([Piece(text: "\(unreadable) not readable", tone: .uncertain)]) }
    if failed > 0 { parts.append([Piece(text: "\(failed) without an answer", tone: .uncertain)]) }
    for (name, own) in values.sorted(by: { $0.key < $1.key }) {
      if let text = own.text { parts.append([Piece(text: "\(name) \(text)", tone: .plain)]) }
    }
    return Array(parts.joined(separator: [Piece(text: ", ", tone: .plain)])).filter { !$0.text.isEmpty }
  }

  package var text: String { pieces.map(\.text).joined() }

  /// Parts without a threshold are unsure as a whole, and counted once.
  private func total(_ verdict: Verdict) -> Int? {
    let sum = (certain[verdict] ?? 0) + (verdict == .unjudged ? uncertain[verdict] ?? 0 : 0)
    return sum > 0 ? sum : nil
  }

  /// `scratch 9, stain 6`, the most frequent first; nil when there are none but those.
  private func classNames(besides plain: Set<String> = []) -> String? {
    guard classes.keys.contains(where: { !plain.contains($0.lowercased()) }) else { return nil }
    let sorted = classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let others = sorted.count - Self.namedClasses
    return sorted.prefix(Self.namedClasses).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      + (others > 0 ? ", \(others) other classes" : "")
  }
}

/// What one task said of all parts.
private struct TaskValues: Sendable {
  private var classes: [String: Int] = [:]
  private var (sum, number) = (0.0, 0)
  private var least = Double.infinity
  private var greatest = -Double.infinity
  /// The task is the one that the verdict is by, which is counted already.
  private var isVerdict = true

  init() {}

  mutating func add(_ reading: TaskReading, isVerdict: Bool) {
    if let name = reading.class { classes[name, default: 0] += 1 }
    self.isVerdict = self.isVerdict && isVerdict
    guard let value = reading.value, value.isFinite else { return }
    sum += value
    number += 1
    least = min(least, value)
    greatest = max(greatest, value)
  }

  /// `0.3 ... 33 (mean 12.1)`, or `mono 30, poly 10`; nil where it was said before.
  var text: String? {
    if number > 0 {
      return "\(Self.text(least)) ... \(Self.text(greatest)) (mean \(Self.text(sum / Double(number))))"
    }
    guard !isVerdict, !classes.isEmpty else { return nil }
    return classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  private static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
