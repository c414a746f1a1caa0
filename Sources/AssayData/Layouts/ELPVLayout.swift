import Foundation

/// ELPV (Deitsch et al. 2019): `labels.csv` with path, probability of a defect (0, 1/3, 2/3 or 1) and module type,
/// separated by white space. It offers three tasks: `defect` (probability above 0.5), `type` (mono, poly) and
/// `probability`, four levels.
enum ELPVLayout {
  static let functional = "functional"
  static let defective = "defective"

  private static let levels: [(probability: Double, label: String)] = [
    (0, "0 functional"), (1.0 / 3, "1 possibly defective"), (2.0 / 3, "2 likely defective"), (1, "3 defective"),
  ]

  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    guard tree.files.contains("labels.csv") else { return nil }
    let text: String
    do { text = try tree.text("labels.csv") } catch { throw error.error(in: tree) }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    // The comma of a CSV manifest tells the two apart.
    guard let first = lines.first(where: { !$0.isEmpty }), !first.contains(","),
      first.split(whereSeparator: \.isWhitespace).count == 3
    else { return nil }
    var samples: [Sample] = []
    var problems = tree.problems
    for (index, line) in lines.enumerated() {
      let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
      if fields.isEmpty { continue }
      func problem(_ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .invalidValue) {
        let image = fields.first.flatMap(tree.own)
        problems.append(
          DataProblem(file: "labels.csv", line: index + 1, cause: cause, remedy: remedy, kind: kind, image: image))
      }
      guard fields.count == 3 else {
        problem("\(fields.count) fields instead of path, probability and type", "mend the line")
        continue
      }
      guard fields[1].first?.isNumber == true, let probability = Double(fields[1]),
        let level = levels.first(where: { abs($0.probability - probability) < 0.01 })
      else {
        problem("\(fields[1]) is none of the probabilities 0, 0.333, 0.667 and 1", "mend the line")
        continue
      }
      guard let file = tree.own(fields[0]) else {
        problem("there is no file \(fields[0])", "copy it or remove the line", .imageNotFound)
        continue
      }
      samples.append(
        Sample(
          path: tree.root + "/" + file, name: file, label: level.label,
          annotations: ["probability": fields[1], "type": fields[2]],
          targets: [
            "defect": .label(level.probability > 0.5 ? defective : functional), "type": .label(fields[2]),
            "probability": .value(level.probability),
          ]))
    }
    var dataset = Dataset(
      root: tree.root, layout: .elpv, classes: [], goodClass: levels[0].label, samples: samples, problems: problems)
    dataset.offeredTasks = [
      TaskDescription(name: "defect", kind: .classification, goodClass: functional),
      TaskDescription(name: "type", kind: .classification), TaskDescription(name: "probability", kind: .ordinal),
    ]
    return dataset
  }
}
