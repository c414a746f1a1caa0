public import AssayImage

/// The picture a person looks at: the photograph, the heat, the region and the verdict.
public struct Overlay {
  /// Blue and vermilion of Okabe and Ito (2008).
  private static let goodColour = Colour(red: 0, green: 114, blue: 178)
  private static let defectColour = Colour(red: 213, green: 94, blue: 0)

  /// - Parameters:
  ///   - maximumSide: in pixels; larger photographs are reduced.
  ///   - banner: nil for the verdict; an empty text for no banner.
  public static func draw(
    _ finding: Finding, preprocessing: Preprocessing, mapScale: Double, maximumSide: Int = 1024,
    banner: String? = nil
  ) -> Canvas {
    let inspection = finding.inspection
    if case .anomaly(let reading) = finding.heat {
      let canvas = AnomalyOverlay.draw(
        finding.image, reading, threshold: mapScale > 0 ? mapScale : nil, isOutlined: inspection.verdict == .defect,
        maximumSide: maximumSide)
      return bannered(canvas, inspection, banner)
    }
    let photograph = Canvas(finding.image)
    let enlarged = max(photograph.width, photograph.height) < 256
    let factor =
      enlarged ? (256 + max(photograph.width, photograph.height) - 1) / max(photograph.width, photograph.height) : 1
    var canvas =
      enlarged
      ? photograph.resized(width: photograph.width * factor, height: photograph.height * factor)
      : photograph.thumbnail(maxSide: maximumSide)
    let placement = preprocessing.plan(for: finding.image)
    if case .evidence(let evidence) = finding.heat, mapScale > 0 {
      // Only the upper half of the scale is coloured strongly: evidence that stays below a quarter is background.
      let heat = evidence.values.map { max(0, $0 / Float(mapScale) - 0.25) / 0.75 }
      canvas.blend(
        HeatGrid(width: evidence.columns, height: evidence.rows, values: heat), placement: placement,
        network: (preprocessing.width, preprocessing.height))
    }
    if let region = inspection.region {
      let (sx, sy) = (
        Double(canvas.width) / Double(placement.sourceWidth), Double(canvas.height) / Double(placement.sourceHeight)
      )
      let box = PixelRectangle(x: region.x * sx, y: region.y * sy, width: region.width * sx, height: region.height * sy)
      canvas.outline(box, .white, thickness: max(1, canvas.width / 256))
    }
    return bannered(canvas, inspection, banner)
  }

  private static func bannered(_ canvas: Canvas, _ inspection: Inspection, _ banner: String?) -> Canvas {
    let text = banner ?? inspection.outcome.finding.caption
    guard !text.isEmpty else { return canvas }
    return canvas.withBanner(text, background: inspection.verdict == .defect ? defectColour : goodColour)
  }
}
