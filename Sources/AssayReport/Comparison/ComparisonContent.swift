import AssayMetrics

/// Everything that the report of a comparison shows.
public struct ComparisonContent: Sendable {
  public struct Row: Sendable {
    public var backbone: String
    public var method: String
    /// What rows are ranked by, 0...1, higher is better.
    public var value: Double
    /// What it is a share of, e.g. `58 of 64`.
    public var count: String?
    public var interval: Interval?
    /// Further figures, in the order of ``ComparisonContent/figureNames``.
    public var figures: [String]
    public var milliseconds: Double
    public var training: String
    public var size: String
    /// Against the best row, in words.
    public var standing: String
    public var standingDetail: String?
    public var isOnFront: Bool
    public var isRecommended: Bool
    /// Recall of each class; empty where there are no classes.
    public var recall: [Double]

    public init(
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

  public var title: String
  public var subtitle: String
  /// The recommendation in one sentence.
  public var verdict: String
  public var cards: [ReportContent.Figure] = []
  public var warnings: [String] = []
  /// What rows are ranked by: `defects found at 1 % overkill`, say.
  public var valueName: String
  public var figureNames: [String] = []
  public var rows: [Row] = []
  /// What could not be compared, and why.
  public var failures: [(name: String, reason: String)] = []
  /// Name and number of images of each class.
  public var classes: [(name: String, images: Int)] = []
  /// How the recommended row is trained.
  public var command: String?
  /// Explains the table.
  public var note: String
  /// Backbone, then what it is, in the order of ``networkColumns``.
  public var networks: [(name: String, cells: [String])] = []
  public var networkColumns: [String] = []
  public var readings: [ReportContent.Reading] = []
  public var provenance: [(name: String, value: String)] = []

  public init(title: String, subtitle: String, verdict: String, valueName: String, note: String) {
    self.title = title
    self.subtitle = subtitle
    self.verdict = verdict
    self.valueName = valueName
    self.note = note
  }
}
