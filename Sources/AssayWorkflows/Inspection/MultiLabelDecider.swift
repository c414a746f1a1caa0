import AssayImage
import AssayModel
import AssayRuntime

/// One of the classes found on an image.
public struct FoundClass: Sendable, Encodable {
  public let `class`: String
  /// 0...1
  public let probability: Double
  /// From this probability on the class counts as found.
  public let threshold: Double
  /// The hottest area of its evidence, in pixels of the photograph.
  public let region: PixelRectangle?
  /// Of a bundle that marks pixels: share of the photograph that is marked, 0...1.
  public let area: Double?
}

/// Turns the outputs of a multi-label graph into a verdict: a part is defective when any class is found on it.
struct MultiLabelDecider: Sendable {
  private let classes: [String]
  private let thresholds: [Double]
  private let goodClass: String
  private let segmentation: SegmentationReader?

  /// - Returns: nil for other bundles.
  init?(_ manifest: Manifest) {
    guard manifest.task == .multiLabel, let limits = manifest.labelThresholds, limits.count == manifest.classes.count
    else { return nil }
    classes = manifest.classes
    thresholds = limits.map(\.value)
    goodClass = manifest.goodClass ?? "good"
    segmentation = SegmentationReader(manifest)
  }

  /// Indices of the classes found, the most probable first.
  func found(_ probabilities: [Double]) -> [Int] {
    probabilities.indices.filter { probabilities[$0] >= thresholds[$0] }
      .sorted { probabilities[$0] > probabilities[$1] }
  }

  func finding(
    _ path: String, _ image: Image, _ rule: Preprocessing, _ request: InferenceRequest, baseline: [Float],
    started: Double
  ) -> Inspector.Finding {
    let values = (try? request.withOutput("probabilities") { $0.map(Double.init) }) ?? []
    let found = found(values)
    // On a good part the map shows the class that comes nearest to being found.
    let shown = found.isEmpty ? [values.indices.max { values[$0] < values[$1] } ?? 0] : found
    let placement = rule.plan(for: image)
    let looks = shown.map { look(at: $0, request, baseline) }
    let list = zip(found, looks).map { k, look in
      FoundClass(
        class: classes[k], probability: values[k], threshold: thresholds[k],
        region: look.evidence?.region(placement: placement, width: rule.width, height: rule.height), area: look.area)
    }
    let inspection = Inspection(
      file: path, verdict: found.isEmpty ? .good : .defect, class: list.first?.class ?? goodClass,
      // Of a good part: that the class that comes nearest to being found is not there.
      probability: list.first?.probability ?? values.max().map { 1 - $0 } ?? 0, score: nil, threshold: nil, pValue: nil,
      probabilities: Dictionary(zip(classes, values), uniquingKeysWith: { first, _ in first }),
      region: list.first?.region, regions: nil, found: list, tasks: nil, milliseconds: Clock.milliseconds - started)
    return Inspector.Finding(inspection: inspection, evidence: looks.first?.evidence, reading: nil, image: image)
  }

  /// Of one class by itself: what the others have there says nothing about it.
  /// - Returns: its evidence and, of a bundle that marks pixels, the share that is marked.
  private func look(
    at k: Int, _ request: InferenceRequest, _ baseline: [Float]
  ) -> (evidence: EvidenceMap?, area: Double?) {
    if let marks = segmentation?.marks(of: classes[k], request) { return (marks.evidence, marks.area) }
    guard let shape = request.shape("map"), shape.count == 4 else { return (nil, nil) }
    let plane = shape[2] * shape[3]
    let evidence = try? request.withOutput("map") { map in
      EvidenceMap(
        map: UnsafeBufferPointer(rebasing: map[k * plane..<(k + 1) * plane]), classCount: 1, rows: shape[2],
        columns: shape[3], found: 0, reference: nil,
        baseline: baseline.isEmpty ? [] : Array(baseline[k * plane..<(k + 1) * plane]))
    }
    return (evidence, nil)
  }
}
