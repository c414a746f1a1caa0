public import AssayBundle
public import AssayData
public import AssayGraph
public import AssayMetrics

/// What a graph costs: the same for every method whose graph has the same shape.
public struct GraphCost: Codable, Sendable, Equatable {
  /// Numbers stored in the graph.
  public var parameters: Int
  /// Of the bundle's ONNX file.
  public var bytes: Int
  /// One image at a time on all cores, the graph alone.
  public var medianMilliseconds: Double
  public var p99Milliseconds: Double

  public init(parameters: Int, bytes: Int, medianMilliseconds: Double, p99Milliseconds: Double) {
    self.parameters = parameters
    self.bytes = bytes
    self.medianMilliseconds = medianMilliseconds
    self.p99Milliseconds = p99Milliseconds
  }
}

/// One backbone with one method: how it judged images that it had not seen, and what it costs.
public struct ComparisonRow: Codable, Sendable {
  public var backbone: BackboneDescription
  public var weightsSHA256: String
  public var method: ComparisonMethod
  /// Side of the square input in pixels.
  public var inputSize: Int
  public var cost: GraphCost
  /// Seconds to read the images and run the backbone over them; short when the cache knew them.
  public var featureSeconds: Double
  /// Seconds to fit the head (or the memory of good parts) to all images that are learned from.
  public var fitSeconds: Double
  /// Images that the backbone was run for, and those taken from the cache.
  public var computedCount: Int
  public var cachedCount: Int
  public var metrics: [Manifest.Metric]
  public var classes: [String]
  /// Which of the ``classes`` is good; nil where none is.
  public var goodIndex: Int?
  /// Class of each held-out image; 1 for a defect in anomaly detection.
  public var labels: [Int]
  /// The class by the verdict; in anomaly detection whether the part is rejected.
  public var predicted: [Int]
  /// Of each image, higher for defects: probability of being defective, or anomaly score; nil where no class is good.
  public var scores: [Double]?
  /// Files that could not be used.
  public var unreadable: [Dataset.Refusal]

  public init(
    backbone: BackboneDescription, weightsSHA256: String, method: ComparisonMethod, inputSize: Int, cost: GraphCost,
    featureSeconds: Double, fitSeconds: Double, computedCount: Int, cachedCount: Int, metrics: [Manifest.Metric],
    classes: [String], goodIndex: Int?, labels: [Int], predicted: [Int], scores: [Double]? = nil,
    unreadable: [Dataset.Refusal] = []
  ) {
    self.backbone = backbone
    self.weightsSHA256 = weightsSHA256
    self.method = method
    self.inputSize = inputSize
    self.cost = cost
    self.featureSeconds = featureSeconds
    self.fitSeconds = fitSeconds
    self.computedCount = computedCount
    self.cachedCount = cachedCount
    self.metrics = metrics
    self.classes = classes
    self.goodIndex = goodIndex
    self.labels = labels
    self.predicted = predicted
    self.scores = scores
    self.unreadable = unreadable
  }

  public func metric(_ name: String) -> Manifest.Metric? { metrics.first { $0.name == name } }

  /// Of each image; nil where no class is good.
  public var isDefect: [Bool]? { goodIndex.map { good in labels.map { $0 != good } } }

  public var milliseconds: Double { cost.medianMilliseconds }

  /// Seconds to train, from images (or the cache) to a fitted head.
  public var trainingSeconds: Double { featureSeconds + fitSeconds }

  public var confusion: ConfusionMatrix {
    ConfusionMatrix(actual: labels, predicted: predicted, classCount: classes.count)
  }
}

/// A backbone that could not be compared.
public struct ComparisonFailure: Codable, Sendable, Equatable {
  public var backbone: String
  /// nil when none of the methods could be tried.
  public var method: ComparisonMethod?
  /// What happened and what to do.
  public var reason: String

  public init(backbone: String, method: ComparisonMethod?, reason: String) {
    self.backbone = backbone
    self.method = method
    self.reason = reason
  }
}
