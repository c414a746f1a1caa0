import AssayImage
import AssayInspection
import AssayModel
import AssayReport
import AssayRuntime

/// Looks at the worst mistakes with the finished graph, and sets the scale of its maps.
struct MistakeGallery {
  let mistakes: [ReportContent.Mistake]
  let note: String?
  /// Evidence drawn in the hottest colour.
  let mapScale: Double

  private static let shown = 8
  private static let sampled = 16

  /// - Parameters:
  ///   - network: the inspector's graph without a baseline; `baseline` is what it lacks.
  init(
    _ network: Network, _ baseline: [Float], _ manifest: Manifest, _ data: ExtractedDataset, _ evaluation: Evaluation,
    _ division: Division, _ options: TrainingOptions
  ) throws {
    let rows = division.test.isEmpty ? division.heldOutRows : division.test
    let session = InspectionSession(
      try network.makeRequest(), manifest.preprocessing,
      try manifest.kind.postProcessor(manifest, GraphOutputs(network), baseline: baseline),
      maximumPixels: options.features.maximumPixels)

    // The scale: what the strongest evidence on findings usually is.
    func inspected(_ row: Int) throws -> Finding {
      let picture = data.picture(row)
      return try session.inspect(
        try picture.contents(maximumPixels: options.features.maximumPixels), name: picture.path)
    }
    let findings = division.trained(options.solver).filter {
      data.labels[$0] != data.goodIndex && !data.absent.contains($0)
    }
    let step = max(1, findings.count / Self.sampled)
    var peaks: [Double] = []
    for row in stride(from: 0, to: findings.count, by: step) {
      if let peak = try inspected(findings[row]).evidence?.peak, peak > 0 { peaks.append(Double(peak)) }
    }
    peaks.sort()
    let scale = peaks.isEmpty ? 1 : peaks[peaks.count * 3 / 4]
    mapScale = scale

    let predicted = evaluation.predicted
    let classes = evaluation.classes.count
    let wrong = rows.indices.filter { predicted[$0] != evaluation.labels[$0] }
      .sorted { a, b in
        evaluation.probabilities[a * classes + evaluation.labels[a]]
          < evaluation.probabilities[b * classes + evaluation.labels[b]]
      }
    var mistakes: [ReportContent.Mistake] = []
    for position in wrong.prefix(Self.shown) {
      let sample = data.samples[rows[position]]
      let picture =
        data.absent.contains(rows[position])
        ? nil
        : try Overlay.draw(
          try inspected(rows[position]), preprocessing: manifest.preprocessing, mapScale: scale, maximumSide: 320,
          banner: ""
        ).jpeg(quality: 80)
      mistakes.append(
        ReportContent.Mistake(
          name: sample.name, actual: evaluation.classes[evaluation.labels[position]],
          predicted: evaluation.classes[predicted[position]],
          probability: evaluation.probabilities[position * classes + predicted[position]],
          picture: picture.map { ($0, "image/jpeg") }))
    }
    self.mistakes = mistakes
    note =
      wrong.isEmpty
      ? "None of the \(rows.count) images was mistaken."
      : "\(wrong.count) of \(rows.count) images were mistaken. The \(mistakes.count) of which the inspector was most sure "
        + "are shown, with the area that speaks most for its answer."
        + (division.test.isEmpty
          ? " The maps are the finished inspector's, which has seen these images since; the probabilities are not."
          : "")
  }
}
