import AssayBase
import AssayMetrics
package import AssayReport

/// The pictures of a report on several classes an image: parts that pass and must not, parts that are rejected and are good, and
/// of every class what was missed and what was found falsely.
package enum MultiLabelGallery {
  private static let perClass = 2
  private static let most = 40

  package static func missed(_ k: Int) -> String { "class-\(k)-missed" }
  package static func falseAlarm(_ k: Int) -> String { "class-\(k)-false" }

  /// - Parameter draw: the picture of a part, as JPEG, by its place in the evaluation.
  package static func groups(
    _ evaluation: MultiLabelEvaluation, goodName: String, draw: (Int) throws -> [UInt8]?
  ) throws -> [ReportContent.PictureGroup] {
    let (isDefect, isRejected) = (evaluation.isDefect, evaluation.isRejected)
    let choice = PictureChoice(
      labels: isDefect.map { $0 ? 1 : 0 }, predicted: isRejected.map { $0 ? 1 : 0 },
      certainty: evaluation.names.indices.map { row in
        let farthest = evaluation.distance(row)
        return isRejected[row] ? farthest : -farthest
      })
    let names = [goodName, "defective"]
    // A part may be in several groups, and is drawn once.
    var drawn: [Int: [UInt8]?] = [:]
    func picture(_ row: Int) throws -> (bytes: [UInt8], type: String)? {
      if drawn[row] == nil { drawn.updateValue(try draw(row), forKey: row) }
      return drawn[row].flatMap { $0 }.map { ($0, "image/jpeg") }
    }
    func group(_ id: String, _ title: String, _ rows: [Int]) throws -> ReportContent.PictureGroup {
      ReportContent.PictureGroup(
        id: id, title: title,
        pictures: try rows.map { row in
          ReportContent.Mistake(
            name: evaluation.names[row], actual: "", predicted: "", probability: 0, picture: try picture(row),
            note: words(evaluation, row, goodName))
        })
    }
    var groups = try choice.groups.filter { !$0.cell.isRight }.map { own in
      try group(
        ReportContent.PictureGroup.cell(own.cell.actual, own.cell.predicted),
        PictureGallery.title(own, names[own.cell.actual], names[own.cell.predicted]), own.rows)
    }
    for (k, name) in evaluation.classes.enumerated() {
      let rows = evaluation.names.indices.map { (row: $0, probability: evaluation.probability($0, k)) }
      let missed = rows.filter { evaluation.isThere($0.row, k) && !evaluation.isFound($0.row, k) }
        .sorted { ($0.probability, $0.row) < ($1.probability, $1.row) }
      let wrong = rows.filter { !evaluation.isThere($0.row, k) && evaluation.isFound($0.row, k) }
        .sorted { (-$0.probability, $0.row) < (-$1.probability, $1.row) }
      for (id, what, found) in [(Self.missed(k), "missed", missed), (falseAlarm(k), "found where it is not", wrong)]
      where !found.isEmpty && drawn.count < most {
        let shown = found.prefix(perClass).map(\.row)
        groups.append(try group(id, "\(name), \(what): \(shown.count) of \(found.count)", shown))
      }
    }
    return try groups
      + choice.groups.filter(\.cell.isRight).map { own in
        try group(
          ReportContent.PictureGroup.cell(own.cell.actual, own.cell.predicted),
          "\(names[own.cell.actual]), told rightly: the least certain of \(own.count)", own.rows)
      }
  }

  package static func note(_ evaluation: MultiLabelEvaluation) -> String {
    let wrong = evaluation.names.indices.count { row in
      evaluation.classes.indices.contains { evaluation.isThere(row, $0) != evaluation.isFound(row, $0) }
    }
    return wrong == 0
      ? "On none of the \(evaluation.names.count) images a class was missed or found falsely."
      : "On \(wrong) of \(evaluation.names.count) images a class was missed or found falsely. Of each kind of mistake those are "
        + "shown of which the inspector was most sure, with the area that speaks most for its answer."
  }

  private static func words(_ evaluation: MultiLabelEvaluation, _ row: Int, _ goodName: String) -> String {
    func list(_ names: [String]) -> String { names.isEmpty ? "nothing" : names.joined(separator: ", ") }
    let there = evaluation.classes.indices.filter { evaluation.isThere(row, $0) }
    let found = evaluation.classes.indices.filter { evaluation.isFound(row, $0) }
    let truth = there.isEmpty ? "is \(goodName)" : "has \(list(there.map { evaluation.classes[$0] }))"
    let said = found.map { "\(evaluation.classes[$0]) (\(ShareText.percent(evaluation.probability(row, $0))))" }
    let lost = there.filter { !found.contains($0) }.map {
      "\(evaluation.classes[$0]) only \(ShareText.percent(evaluation.probability(row, $0)))"
    }
    return "\(truth); found \(list(said))" + (lost.isEmpty ? "" : "; \(lost.joined(separator: ", "))")
  }
}
