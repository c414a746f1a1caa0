import AssayImage

/// The document: what belongs to a kind stands beside what all have, under keys that have been the same since schema 1.
extension Manifest: Codable {
  private enum Key: String, CodingKey {
    case schema, task, classes, goodClass, preprocessing, threshold, labelThresholds, uncertain, network, segmentation,
      anomaly,
      tasks, adaptation, training, metrics, versions, createdAt, changes, files
  }

  /// Where schema 1 had the history.
  private struct EarlierHistory: Decodable {
    let changes: [Change]?
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    kind = try Self.kind(values)
    preprocessing = try values.decode(Preprocessing.self, forKey: .preprocessing)
    network = try values.decode(Network.self, forKey: .network)
    adaptation = try values.decodeIfPresent(AdaptationRecord.self, forKey: .adaptation)
    training = try values.decode(Training.self, forKey: .training)
    metrics = try values.decode([Metric].self, forKey: .metrics)
    versions = try values.decode([String: String].self, forKey: .versions)
    createdAt = try values.decodeIfPresent(String.self, forKey: .createdAt)
    changes =
      try values.decodeIfPresent([Change].self, forKey: .changes)
      ?? values.decodeIfPresent(EarlierHistory.self, forKey: .anomaly)?.changes ?? []
    files = try values.decode([String: File].self, forKey: .files)
  }

  private static func kind(_ values: KeyedDecodingContainer<Key>) throws -> InspectorKind {
    let threshold = try values.decodeIfPresent(Threshold.self, forKey: .threshold)
    let tasks = try values.decodeIfPresent([TaskRecord].self, forKey: .tasks) ?? []
    let marks = try values.decodeIfPresent(PixelMarks.self, forKey: .segmentation)
    let classes = try values.decode([String].self, forKey: .classes)
    let band = try values.decodeIfPresent(UncertainBand.self, forKey: .uncertain)
    switch try values.decode(InspectorKind.Name.self, forKey: .task) {
    case .classification:
      return .classifier(
        ClassifierSpec(
          classes: classes, goodClass: try values.decodeIfPresent(String.self, forKey: .goodClass),
          threshold: threshold, tasks: tasks, pixelMarks: marks, band: band))
    case .multiLabel:
      return .multiLabel(
        MultiLabelSpec(
          classes: classes, thresholds: try values.decode([Threshold].self, forKey: .labelThresholds),
          goodName: try values.decodeIfPresent(String.self, forKey: .goodClass) ?? AnomalySpec.goodName,
          pixelMarks: marks, band: band))
    case .anomaly:
      return .anomaly(
        AnomalySpec(model: try values.decode(AnomalyModel.self, forKey: .anomaly), threshold: threshold, band: band))
    case .measurement:
      return .measurement(MeasurementSpec(tasks: tasks))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    let spec = kind.spec
    try values.encode(Self.currentSchema, forKey: .schema)
    try values.encode(spec.name, forKey: .task)
    try values.encode(spec.classes, forKey: .classes)
    try values.encodeIfPresent(spec.goodClass, forKey: .goodClass)
    try values.encodeIfPresent(spec.decision.threshold, forKey: .threshold)
    try values.encodeIfPresent(spec.decision.labelThresholds, forKey: .labelThresholds)
    try values.encodeIfPresent(spec.decision.band, forKey: .uncertain)
    if !spec.tasks.isEmpty { try values.encode(spec.tasks, forKey: .tasks) }
    try values.encodeIfPresent(spec.pixelMarks, forKey: .segmentation)
    if case .anomaly(let anomaly) = kind { try values.encode(anomaly.model, forKey: .anomaly) }
    try values.encode(preprocessing, forKey: .preprocessing)
    try values.encode(network, forKey: .network)
    try values.encodeIfPresent(adaptation, forKey: .adaptation)
    try values.encode(training, forKey: .training)
    try values.encode(metrics, forKey: .metrics)
    try values.encode(versions, forKey: .versions)
    try values.encodeIfPresent(createdAt, forKey: .createdAt)
    if !changes.isEmpty { try values.encode(changes, forKey: .changes) }
    try values.encode(files, forKey: .files)
  }
}
