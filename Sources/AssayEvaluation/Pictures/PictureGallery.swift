import AssayBase
import AssayImage
import AssayInspection
import AssayMetrics
package import AssayReport
import Foundation

/// The pictures of a report, by what was taken for what.
package enum PictureGallery {
  /// Of parts of one class each.
  /// - Parameter draw: the picture of a part, as JPEG, by its place in the evaluation; nil where it has gone.
  package static func groups(
    _ evaluation: Evaluation, draw: (Int) throws -> [UInt8]?
  ) throws -> [ReportContent.PictureGroup] {
    let count = evaluation.classes.count
    let certainty = evaluation.labels.indices.map { evaluation.probabilities[$0 * count + evaluation.predicted[$0]] }
    let choice = PictureChoice(
      labels: evaluation.labels, predicted: evaluation.predicted, certainty: certainty)
    return try choice.groups.map { group in
      let (actual, predicted) = (evaluation.classes[group.cell.actual], evaluation.classes[group.cell.predicted])
      return ReportContent.PictureGroup(
        id: ReportContent.PictureGroup.cell(group.cell.actual, group.cell.predicted),
        title: title(group, actual, predicted),
        pictures: try group.rows.map { row in
          ReportContent.Mistake(
            name: evaluation.names[row], actual: actual, predicted: predicted, probability: certainty[row],
            picture: try draw(row).map { ($0, "image/jpeg") },
            note: group.cell.isRight ? "is \(actual), found with \(percent(certainty[row]))" : nil)
        })
    }
  }

  package static func title(_ group: PictureChoice.Group, _ actual: String, _ predicted: String) -> String {
    group.cell.isRight
      ? "\(actual), named rightly: the least certain of \(group.count)"
      : "\(actual), taken for \(predicted): \(group.rows.count) of \(group.count)"
  }

  /// - Parameter basis: whether the pictures were new to the finished inspector.
  package static func note(_ evaluation: Evaluation, isTested: Bool = true) -> String {
    let wrong = zip(evaluation.predicted, evaluation.labels).count { $0 != $1 }
    let parts = evaluation.labels.count
    guard wrong > 0 else {
      return "None of the \(parts) images was mistaken. Shown are the least certain ones of each class."
    }
    return
      "\(wrong) of \(parts) images were mistaken. Of each kind of mistake those are shown of which the inspector was most "
      + "sure, with the area that speaks most for its answer."
      + (isTested
        ? "" : " The maps are the finished inspector's, which has seen these images since; the probabilities are not.")
  }

  package static func percent(_ value: Double) -> String { ShareText.percent(value) }
}
