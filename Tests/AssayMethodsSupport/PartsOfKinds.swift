package import AssayBundle
package import AssayInspection

/// Parts of one kind of inspector, as these tests look at them; nil for other kinds.
extension Manifest {
  package var task: InspectorKind.Name { kind.name }
  package var anomaly: AnomalyModel? { if case .anomaly(let spec) = kind { spec.model } else { nil } }
  package var labelThresholds: [Threshold]? { kind.spec.decision.labelThresholds }
  package var segmentation: PixelMarks? { kind.spec.pixelMarks }
  package var tasks: [TaskRecord]? { kind.spec.tasks.isEmpty ? nil : kind.spec.tasks }
}

extension Inspection {
  package var regions: [AnomalousRegion]? { if case .anomaly(let finding) = outcome { finding.regions } else { nil } }
  package var pValue: Double? { if case .anomaly(let finding) = outcome { finding.pValue } else { nil } }
  package var area: Double? { if case .classified(let finding) = outcome { finding.area } else { nil } }
  package var found: [FoundClass]? { if case .labels(let finding) = outcome { finding.found } else { nil } }
}

extension ThresholdSetting.Author {
  package static let tester = ThresholdSetting.Author(by: "test")
}
