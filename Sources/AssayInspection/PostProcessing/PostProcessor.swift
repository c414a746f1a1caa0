package import AssayBundle
package import AssayImage

/// Turns what a graph answers into an outcome. One a kind of inspector.
///
/// It is made when a bundle is opened, and then checks once that graph and manifest belong together; behind that, the only
/// thing that can go wrong on an image is an answer that is no number.
package protocol PostProcessor: Sendable {
  /// - Parameters:
  ///   - image: the photograph.
  ///   - outputs: of the graph for this photograph.
  /// - Throws: ``InspectionError``
  func finding(of image: Image, _ outputs: some NetworkOutputs, name: String, started: Double) throws -> Finding
}

/// An inspection with what is needed to draw it.
public struct Finding: Sendable {
  public internal(set) var inspection: Inspection
  /// What is drawn over the photograph; nil when the graph has no map.
  package let heat: HeatSource?
  package let image: Image
}

/// Where a finding's heat comes from.
package enum HeatSource: Sendable {
  /// What speaks for the class found, on the grid of the network's input.
  case evidence(EvidenceMap)
  /// Distances from good parts.
  case anomaly(AnomalyReading)
}

extension Finding {
  /// The same, with what a person should know of how the picture was read.
  func noted(_ rule: Preprocessing) -> Finding {
    var finding = self
    finding.inspection.note = rule.note(on: image)
    return finding
  }

  package var evidence: EvidenceMap? { if case .evidence(let map) = heat { map } else { nil } }
  package var reading: AnomalyReading? { if case .anomaly(let reading) = heat { reading } else { nil } }
}

extension InspectorKind {
  /// - Parameters:
  ///   - outputs: of the bundle's graph.
  ///   - baseline: of the maps, `[K, h, w]`, for a graph that does not take it away itself.
  /// - Throws: ``ManifestFault`` when graph and manifest do not belong together.
  package func postProcessor(
    _ manifest: Manifest, _ outputs: GraphOutputs, baseline: [Float] = []
  ) throws(ManifestFault) -> any PostProcessor {
    switch self {
    case .classifier(let spec): try ClassifierPostProcessor(spec, manifest, outputs, baseline: baseline)
    case .multiLabel(let spec): try MultiLabelPostProcessor(spec, manifest, outputs, baseline: baseline)
    case .anomaly(let spec): try AnomalyPostProcessor(spec, manifest, outputs)
    case .measurement(let spec): try MeasurementPostProcessor(spec, outputs)
    }
  }
}
