extension DataSurvey {
  /// The survey as `assay data` prints it.
  public var text: String {
    var lines = ["layout      \(layout)"]
    lines.append("images      \(images)" + (unlabelled > 0 ? " (\(unlabelled) without a label)" : ""))
    lines.append("good class  \(goodClass ?? "none: every class is a finding")")
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
    lines.append("copies      \(exactCopies.count) exact, \(nearCopies.count) near")
    if !counts.isEmpty { lines += ["", Self.table(counts)] }
    for task in tasks ?? [] { lines += ["", task.heading, Self.table(task.counts, title: task.columnTitle)] }
    func list(_ title: String, _ entries: [String]) {
      guard !entries.isEmpty else { return }
      lines += ["", title] + entries.prefix(20).map { "  " + $0 }
      if entries.count > 20 { lines.append("  and \(entries.count - 20) more (--json lists all)") }
    }
    list("Unreadable:", unreadable.map { "\($0.name): \($0.cause); \($0.remedy)" })
    list("Problems:", problems.map(\.description))
    list("Named as another format:", misnamed)
    list("Exact copies:", exactCopies.map(Self.described))
    list("Near copies:", nearCopies.map(Self.described))
    list("Warnings:", warnings)
    return lines.joined(separator: "\n")
  }

  private static func described(_ copies: Copies) -> String {
    var text = copies.names.prefix(4).joined(separator: ", ")
    if copies.names.count > 4 { text += " and \(copies.names.count - 4) more" }
    if let labels = copies.conflictingLabels { text += " [labels: \(labels.joined(separator: ", "))]" }
    if let splits = copies.leakingSplits { text += " [splits: \(splits.joined(separator: ", "))]" }
    return text
  }

  private static func listed(_ tally: [String: Int]) -> String {
    tally.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { tally.count == 1 ? $0.key : "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  private static func table(_ counts: [String: [String: Int]], title: String = "class") -> String {
    let widest = max(title.count, counts.keys.map(\.count).max() ?? 0)
    func row(_ name: String, _ cells: [String]) -> String {
      name + String(repeating: " ", count: widest - name.count)
        + cells.map { String(repeating: " ", count: max(2, 12 - $0.count)) + $0 }.joined()
    }
    let splits = Split.allCases.map(\.rawValue)
    var lines = [row(title, splits + ["all"])]
    for (label, cells) in counts.sorted(by: { (Double($0.key) ?? 0, $0.key) < (Double($1.key) ?? 0, $1.key) }) {
      lines.append(row(label, splits.map { String(cells[$0] ?? 0) } + [String(cells.values.reduce(0, +))]))
    }
    return lines.joined(separator: "\n")
  }
}

extension Dictionary where Key == String {
  fileprivate func mapKeys(_ transform: (String) -> String) -> [String: Value] {
    Dictionary(uniqueKeysWithValues: map { (transform($0.key), $0.value) })
  }
}
