/// How a bundle was fitted to another line, for its manifest.
public struct AdaptationRecord: Codable, Sendable, Equatable {
  /// `statistics`, `coral`, `subspace` or `batch-statistics`.
  public var method: String
  /// In words: which class mix was taken for the new line's, and what was done to the features.
  public var explanation: String
  /// SHA-256 of the new line's images, hexadecimal, sorted.
  public var images: [String]
  /// Of those that were known to be good.
  public var goodImages: [String]
  /// Of labelled ones that it was tested on.
  public var labelledImages: [String]
  /// The bundle that it was made of: its name and the SHA-256 of its manifest.
  public var bundle: String
  public var bundleSHA256: String
  /// How it was tested, sentence by sentence.
  public var findings: [String]
  /// False when `--force` wrote it against the test's advice.
  public var isRecommended: Bool
  /// ISO 8601, UTC, in bundles of earlier versions; now it is when the bundle was made (``ModelBundle/createdAt``).
  public var date: String?

  /// The method that changes the backbone, not only what reads its features.
  public static let batchStatistics = "batch-statistics"

  /// Whether the graph's backbone is not the one that training began with.
  public var changesNetwork: Bool { method == Self.batchStatistics }

  public init(
    method: String, explanation: String, images: [String], goodImages: [String], labelledImages: [String],
    bundle: String, bundleSHA256: String, findings: [String], isRecommended: Bool, date: String? = nil
  ) {
    self.method = method
    self.explanation = explanation
    self.images = images
    self.goodImages = goodImages
    self.labelledImages = labelledImages
    self.bundle = bundle
    self.bundleSHA256 = bundleSHA256
    self.findings = findings
    self.isRecommended = isRecommended
    self.date = date
  }
}
