package import AssayImage
import AssayRuntime

/// What the graph says of one image.
public struct AnomalyReading: Sendable {
  public let score: Double
  public let map: AnomalyMap

  package init(score: Double, map: AnomalyMap) {
    self.score = score
    self.map = map
  }

  /// Of a photograph that was looked at as a whole.
  /// - Throws: ``InspectionError`` when score or map are no numbers.
  package init(_ outputs: some NetworkOutputs, _ view: AnomalyView, placement: Placement, name: String) throws {
    score = try outputs.finite("score", of: name).first ?? .nan
    let values = try outputs.withFinite("map", of: name) { Array($0) }
    let rule = view.input.preprocessing
    map = AnomalyMap(width: rule.width, height: rule.height, values: values, placement: placement)
  }
}
