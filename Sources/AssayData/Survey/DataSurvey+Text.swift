import AssayBase
import AssayImage

extension DataSurvey {
  /// The survey as `assay data` prints it.
  public var text: String {
    var lines = ["layout      \(layout)" + (why.map { ": \($0)" } ?? "")]
    lines.append("images      \(images)" + (unlabelled > 0 ? " (\(unlabelled) without a label)" : ""))
    lines.append("good class  \(goodClass ?? Self.noGoodClass(goodClassReason))")
    if reading.assumedGood > 0 {
      lines.append(
        "assumed     \(reading.assumedGood) of them good, since the format says that no entry means nothing marked")
    }
    if !reading.leftOut.isEmpty {
      lines.append(
        "left out    "
          + (reading.leftOutImages > 0 ? SurveyWarnings.count(reading.leftOutImages, "image") : "no image")
          + ", \(SurveyWarnings.count(problems.count, "entry", "entries"))")
    }
    if let width, let height {
      let one = distinctSizes == 1
      lines.append(
        one
          ? "size        \(width.median) x \(height.median) pixels"
          : "size        \(distinctSizes) sizes, width \(width.smallest)...\(width.largest) (median \(width.median)), "
            + "height \(height.smallest)...\(height.largest) (median \(height.median)) pixels")
    }
    lines.append(
      "format      " + [formats, bitDepths.mapKeys { "\($0) bits" }, channels].map(Self.listed).joined(separator: "; "))
    if let sentence = whiteLevel?.sentence { lines.append("16 bits     " + sentence) }
    if masks > 0 { lines.append("masks       \(masks)" + (regions > 0 ? " images, \(regions) regions" : "")) }
    if boxes > 0 { lines.append("boxes       \(boxes) on \(boxedImages) images") }
    if severalLabelled > 0 { lines.append("several     \(severalLabelled) images show more than one class") }
    if groups > 0 { lines.append("groups      \(groups)") }
    if let imbalance { lines.append("imbalance   \((imbalance * 10).rounded() / 10) : 1") }
    lines += copyLines
    // Classes, groups and copies are called as somebody liked.
    lines = lines.map(VisibleText.escaped)
    if !counts.isEmpty { lines += ["", Self.table(counts)] }
    for task in tasks ?? [] {
      lines += ["", VisibleText.escaped(task.heading), Self.table(task.counts, title: task.columnTitle)]
    }
    func list(_ title: String, _ entries: [String]) {
      guard !entries.isEmpty else { return }
      lines += ["", title] + entries.prefix(20).map { "  " + VisibleText.escaped($0) }
      if entries.count > 20 { lines.append("  and \(entries.count - 20) more (--json lists all)") }
    }
    list("Left out:", reading.leftOut.map(\.description))
    list("Decided:", reading.notes.filter { $0.kind != .layout && $0.kind != .goodClass }.map(\.text))
    list("Named as another format:", misnamed)
    list("Warnings:", warnings)
    return lines.joined(separator: "\n")
  }

  /// Three lines, however many copies there are; --json lists all.
  private var copyLines: [String] {
    let all = exactCopies + nearCopies
    let conflicts = all.filter { $0.conflictingLabels != nil }
    let leaks = all.filter { $0.leakingSplits != nil }
    var last = Self.line("leaks       ", leaks, "over splits") { $0.leakingSplits }
    if !conflicts.isEmpty { last += "; " + Self.line("", conflicts, "with different labels") { $0.conflictingLabels } }
    return [
      Self.line("same file   ", exactCopies) { _ in nil }, Self.line("near copies ", nearCopies) { _ in nil }, last,
    ]
  }

  private static func line(
    _ title: String, _ sets: [Copies], _ what: String = "", note: (Copies) -> [String]?
  ) -> String {
    guard !sets.isEmpty else { return title + "none" }
    let images = sets.reduce(0) { $0 + $1.names.count }
    let kind = what.isEmpty ? "" : " " + what
    let first = sets.prefix(2).map { copies in
      copies.names.prefix(2).joined(separator: " = ") + (copies.names.count > 2 ? " = ..." : "")
        + (note(copies).map { " (\($0.joined(separator: ", ")))" } ?? "")
    }
    return title + "\(SurveyWarnings.count(sets.count, "set"))\(kind), \(images) images: "
      + first.joined(separator: "; ") + (sets.count > 2 ? "; ... (--json lists all)" : "")
  }

  /// Why it is that layout; nil where the name says it.
  private var why: String? {
    guard let text = reading.notes.first(where: { $0.kind == .layout })?.text else { return nil }
    let prefix = "read as \(layout): "
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
  }

  private static func noGoodClass(_ reason: String?) -> String {
    "not known" + (reason.map { " (\($0))" } ?? "")
      + ": every class is a finding, and no part is judged; name the good class with --good"
  }

  private static func listed(_ tally: [String: Int]) -> String {
    tally.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { tally.count == 1 ? $0.key : "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  private static func table(_ counts: [String: [String: Int]], title: String = "class") -> String {
    let widest = max(title.count, counts.keys.map { VisibleText.escaped($0).count }.max() ?? 0)
    func row(_ name: String, _ cells: [String]) -> String {
      name + String(repeating: " ", count: widest - name.count)
        + cells.map { String(repeating: " ", count: max(2, 12 - $0.count)) + $0 }.joined()
    }
    let splits = Split.allCases.map(\.rawValue)
    var lines = [row(title, splits + ["all"])]
    for (label, cells) in counts.sorted(by: { (Double($0.key) ?? 0, $0.key) < (Double($1.key) ?? 0, $1.key) }) {
      lines.append(
        row(VisibleText.escaped(label), splits.map { String(cells[$0] ?? 0) } + [String(cells.values.reduce(0, +))]))
    }
    return lines.joined(separator: "\n")
  }
}

extension Dictionary where Key == String {
  fileprivate func mapKeys(_ transform: (String) -> String) -> [String: Value] {
    Dictionary(uniqueKeysWithValues: map { (transform($0.key), $0.value) })
  }
}
