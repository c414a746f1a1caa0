import AssayBundle
package import AssayReport
import Foundation

extension SegmentationEvaluation {
  /// Said where masks were learned and no test image has any.
  package static let untested =
    "No test image with masks or boxes was set aside, so how well pixels are marked was not tested. Run assay evaluate "
    + "on other images."

  /// Adds how well pixels are marked.
  package func add(to content: inout ReportContent) {
    func percent(_ value: Double) -> String { String(format: "%.1f %%", value * 100) }
    func text(_ value: Double?) -> String { value.map(percent) ?? "–" }
    content.tables.append(
      ReportContent.Table(
        title: "Marked pixels", header: ["class", "images", "Dice", "IoU", "AU-PRO"],
        rows: classes.map {
          [$0.name, "\($0.images)", text($0.dice), text($0.intersectionOverUnion), text($0.perRegionOverlap)]
        },
        caption:
          "Dice and IoU: how far marked pixels and true ones are the same, over all images. AU-PRO: share of each "
          + "region that is found, up to 30 % of false alarms. Mean Dice over image and class (1 where both are empty): "
          + "\(text(meanDice)) on \(images) images."))
    content.figures += metrics.map { ReportContent.Figure(name: $0.name, value: percent($0.value)) }
  }
}
