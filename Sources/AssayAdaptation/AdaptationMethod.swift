/// How features of a new line are brought to where those of the source lay.
public enum AdaptationMethod: String, CaseIterable, Codable, Sendable {
  /// Mean and deviation of each feature.
  case statistics
  /// These, and correlations (Sun et al. 2016).
  case coral
  /// Mean and deviation of every channel behind each convolution of the backbone (after Li et al. 2016).
  case batchStatistics = "batch-statistics"
  /// What good parts of the new line differ in is taken out.
  case subspace

  /// What it does, for people.
  public var explanation: String {
    switch self {
    case .statistics: "mean and deviation of each feature are made those of the source"
    case .coral:
      "mean and deviation of each feature, then the correlations of the leading components, are made those of the source"
    case .batchStatistics:
      "mean and deviation of every channel behind each convolution or normalisation of the backbone are made those of the source"
    case .subspace: "the directions in which good parts of the new line differ from the source's are taken out"
    }
  }
}
