package import AssayMetrics

/// Everything that the report of a comparison shows.
package struct ComparisonContent: Sendable {
  package struct Row: Sendable {
    package var backbone: String
    package var method: String
    /// What rows are ranked by, 0...1, higher is better.
    package var value: Double
    /// What it is a share of, e.g. `58 of 64`.
    package var count: String?
    package var interval: Interval?
    /// Further figures, in the order of ``ComparisonContent/figureNames``.
    package var figures: [String]
    package var milliseconds: Double
    package var training: String
    package var size: String
    /// Against the best row, in words.
    package var standing: String
    package var standingDetail: String?
    package var isOnFront: Bool
    package var isRecommended: Bool
    /// Recall of each class; empty where there are no classes.
    package var recall: [Double]

    package init(
      backbone: String, method: String, value: Double, count: String? = nil, interval: Interval?, figures: [String],
      milliseconds: Double, training: String, size: String, standing: String, standingDetail: String?, isOnFront: Bool,
      isRecommended: Bool, recall: [Double]
    ) {
      self.backbone = backbone
      self.method = method
      self.value = value
      self.count = count
      self.interval = interval
      self.figures = figures
      self.milliseconds = milliseconds
      self.training = training
      self.size = size
      self.standing = standing
      self.standingDetail = standingDetail
      self.isOnFront = isOnFront
      self.isRecommended = isRecommended
      self.recall = recall
    }
  }

  package var title: String
  package var subtitle: String
  /// The recommendation in one sentence.
  package var verdict: String
  package var cards: [ReportContent.Figure] = []
  package var warnings: [String] = []
  /// What rows are ranked by: `defects found at 1 % overkill`, say.
  package var valueName: String
  package var figureNames: [String] = []
  package var rows: [Row] = []
  /// What could not be compared, and why.
  package var failures: [(name: String, reason: String)] = []
  /// Name and number of images of each class.
  package var classes: [(name: String, images: Int)] = []
  /// How the recommended row is trained.
  package var command: String?
  /// Explains the table.
  package var note: String
  /// Backbone, then what it is, in the order of ``networkColumns``.
  package var networks: [(name: String, cells: [String])] = []
  package var networkColumns: [String] = []
  package var readings: [ReportContent.Reading] = []
  package var provenance: [(name: String, value: String)] = []

  package init(title: String, subtitle: String, verdict: String, valueName: String, note: String) {
    self.title = title
    self.subtitle = subtitle
    self.verdict = verdict
    self.valueName = valueName
    self.note = note
  }
}
