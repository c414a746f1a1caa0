package import AssayBundle
package import AssayEvaluation
import AssayImage
import AssayInspection
package import AssayReport
package import AssayRuntime

/// Looks at mistakes and at what is right with the finished graph, and sets the scale of its maps.
package struct MistakeGallery {
  package let groups: [ReportContent.PictureGroup]
  package let note: String
  /// Evidence drawn in the hottest colour.
  package let mapScale: Double

  private static let sampled = 16

  /// - Parameters:
  ///   - network: the inspector's graph without a baseline; `baseline` is what it lacks.
  package init(
    _ network: Network, _ baseline: [Float], _ manifest: Manifest, _ data: ExtractedDataset, _ evaluation: Evaluation,
    _ division: TrainingSplit, _ options: TrainingOptions
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

    // The map is drawn by the scale that the manifest will have.
    var scaled = manifest
    scaled.network.mapScale = scale
    groups = try PictureGallery.groups(evaluation) { position in
      data.absent.contains(rows[position]) ? nil : try FindingPicture.draw(try inspected(rows[position]), scaled)
    }
    note = PictureGallery.note(evaluation, isTested: !division.test.isEmpty)
  }
}
