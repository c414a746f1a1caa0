import AssayInspection
import AssayModel

/// Parts of one kind of inspector, as these tests look at them; nil for other kinds.
extension Manifest {
  var task: InspectorKind.Name { kind.name }
  var anomaly: AnomalyModel? { if case .anomaly(let spec) = kind { spec.model } else { nil } }
  var labelThresholds: [Threshold]? { kind.spec.decision.labelThresholds }
  var segmentation: PixelMarks? { kind.spec.pixelMarks }
  var tasks: [TaskRecord]? { kind.spec.tasks.isEmpty ? nil : kind.spec.tasks }
}

extension Inspection {
  var regions: [AnomalousRegion]? { if case .anomaly(let finding) = outcome { finding.regions } else { nil } }
  var pValue: Double? { if case .anomaly(let finding) = outcome { finding.pValue } else { nil } }
  var area: Double? { if case .classified(let finding) = outcome { finding.area } else { nil } }
  var found: [FoundClass]? { if case .labels(let finding) = outcome { finding.found } else { nil } }
}

extension ThresholdSetting.Author {
  static let tester = ThresholdSetting.Author(by: "test")
}
