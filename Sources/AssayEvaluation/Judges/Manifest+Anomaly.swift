package import AssayBase
package import AssayBundle

extension Manifest {
  /// What belongs to anomaly detection; nil for other kinds.
  package var anomalySpec: AnomalySpec? { if case .anomaly(let spec) = kind { spec } else { nil } }

  /// The same.
  /// - Throws: when the bundle is of another kind.
  package func anomalySpec(of path: String) throws(WorkflowError) -> AnomalySpec {
    guard let anomalySpec else { throw WorkflowError(.usage, "\(path): it is not an anomaly detector") }
    return anomalySpec
  }
}
