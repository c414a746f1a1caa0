import AssayData
import AssayImage
import AssayModel
import AssayRuntime
import Foundation
import Synchronization

/// What was found on one image.
public struct Inspection: Sendable, Encodable {
  public enum Verdict: String, Sendable, Codable {
    case good, defect
    /// No class of the bundle is good: the class is the finding.
    case classified
    /// No task of the bundle classifies: the values of ``Inspection/tasks`` are the finding.
    case measured
    /// The bundle has no threshold yet: the score is all there is.
    case unjudged
  }

  public let file: String
  public let verdict: Verdict
  /// The class found: for a defect the most probable of the defective classes; empty when no task classifies.
  public let `class`: String
  /// Probability of that class, 0...1; nil for anomaly detection.
  public var probability: Double?
  /// Probability of being defective, 0...1, or the anomaly score; with ``threshold`` it decides the verdict.
  public let score: Double?
  public let threshold: Double?
  /// Anomaly detection: share of good parts that score at least as high, (1 + those that set the threshold) / (n + 1).
  public var pValue: Double?
  public var probabilities: [String: Double]?
  /// The hottest area in pixels of the photograph; nil on a good part.
  public let region: PixelRectangle?
  /// Anomaly detection: all areas above the map's threshold, the strongest first.
  public var regions: [AnomalousRegion]?
  /// Of a bundle that marks pixels: share of the photograph that is marked as ``class``, 0...1; nil on a good part.
  public var area: Double?
  /// Of a multi-label bundle: every class found, the most probable first; empty on a good part.
  public var found: [FoundClass]?
  /// Of a bundle with tasks: what was found for each, by name.
  public var tasks: [String: TaskReading]?
  /// From file to verdict.
  public let milliseconds: Double

  private enum CodingKeys: String, CodingKey {
    case file, verdict, `class`, probability, score, threshold, pValue, probabilities, region, regions,
      area, found, tasks, milliseconds
  }
}

/// A trained bundle, ready to look at images.
public final class Inspector: Sendable {
  /// An inspection with what is needed to draw it.
  public struct Finding: Sendable {
    public let inspection: Inspection
    /// nil when the graph has no class activation map.
    package internal(set) var evidence: EvidenceMap?
    /// Set for anomaly detection.
    public internal(set) var reading: AnomalyReading?
    package let image: Image
  }

  public let bundle: ModelBundle
  private let decider: Decider
  private let network: Network
  private let maximumPixels: Int

  public var manifest: Manifest { bundle.manifest }

  /// - Parameter mode: `latency` for one image at a time, `throughput` for folders.
  public convenience init(
    path: String, mode: ExecutionMode, maximumPixels: Int = DecodingOptions().maximumPixels
  ) throws(WorkflowError) {
    do {
      let bundle = try ModelBundle(path: path)
      try self.init(bundle, model: bundle.contents(ModelBundle.modelName), mode: mode, maximumPixels: maximumPixels)
    } catch {
      throw WorkflowError(error)
    }
  }

  package init(_ bundle: ModelBundle, model: [UInt8], mode: ExecutionMode, maximumPixels: Int) throws {
    self.bundle = bundle
    self.maximumPixels = maximumPixels
    decider = Decider(bundle.manifest)
    let rule = bundle.manifest.preprocessing
    network = try Network(onnx: model, inputShape: [1, 3, rule.height, rule.width], mode: mode)
  }

  /// One image, as fast as possible.
  public func makeStation() throws(WorkflowError) -> InspectionStation {
    do {
      let request = try network.makeRequest()
      let way: InspectionStation.Way =
        AnomalyDecider(manifest).map { .distances(AnomalyStation(request, $0.view), $0) } ?? .classes(decider)
      return InspectionStation(request, manifest.preprocessing, way, maximumPixels: maximumPixels)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// How well pixels are marked on images with masks or boxes.
  func segmentation(
    of samples: [Sample], goodClass: String?, basis: String, progress: @escaping ProgressHandler
  ) throws -> SegmentationEvaluation? {
    try SegmentationEvaluation(
      network, manifest, samples, goodClass: goodClass, maximumPixels: maximumPixels, basis: basis, progress: progress)
  }

  /// What the graph answers, in its order; shapes for one image.
  package var outputs: [(name: String, shape: [Int])] { network.outputs }

  /// Many images, on all cores; blocks until the last one.
  /// - Parameter receive: called in the order of the paths, one call at a time, from worker threads.
  public func inspect(
    _ paths: [String], receive: @escaping @Sendable (Int, Result<Finding, ImageError>) -> Void
  ) throws(WorkflowError) {
    let queue = OrderedDelivery(receive)
    if let anomaly = AnomalyDecider(manifest) {
      do {
        let reader = AnomalyReader(network: network, view: anomaly.view, maximumPixels: maximumPixels)
        return try reader.read(paths) { index, result in
          queue.deliver(
            index, result.map { anomaly.finding(paths[index], $0.image, $0.reading, started: $0.started) })
        }
      } catch {
        throw WorkflowError(error)
      }
    }
    let started = Mutex<[Int: Double]>([:])
    let decider = decider
    let rule = manifest.preprocessing
    let options = rule.decodingOptions(maximumPixels: maximumPixels)
    do {
      try InferencePipeline(network, rule).run(
        count: paths.count,
        load: { (index) throws(ImageError) in
          started.withLock { $0[index] = Clock.milliseconds }
          return try ImageFile.read(path: paths[index], options: options)
        },
        finish: { index, outcome in
          let start = started.withLock { $0.removeValue(forKey: index) } ?? Clock.milliseconds
          switch outcome {
          case .failed(let error): queue.deliver(index, .failure(error))
          case .inferred(let request, let image):
            let finding = decider.finding(paths[index], image, rule, request, started: start)
            queue.deliver(index, .success(finding))
          }
        })
    } catch {
      throw WorkflowError(error)
    }
  }
}

/// Turns the graph's outputs into a verdict.
struct Decider: Sendable {
  private let classes: [String]
  private let goodIndex: Int?
  private let threshold: Double?
  private let baseline: [Float]
  private let tasks: [TaskRecord]?
  private let several: MultiLabelDecider?
  private let segmentation: SegmentationReader?
  /// The task that the classes are of.
  private let primary: String?

  /// - Parameter baseline: of the maps, for a graph that does not take it away itself.
  init(_ manifest: Manifest, baseline: [Float] = []) {
    self.baseline = baseline
    classes = manifest.classes
    goodIndex = manifest.goodClass.flatMap { manifest.classes.firstIndex(of: $0) }
    threshold = manifest.threshold?.value
    tasks = manifest.tasks
    several = MultiLabelDecider(manifest)
    segmentation = SegmentationReader(manifest)
    primary = manifest.primaryTask?.name
  }

  private func readings(_ request: InferenceRequest, foundClass: String?) -> [String: TaskReading]? {
    tasks.map { tasks in
      var readings = Dictionary(
        tasks.map { ($0.name, TaskReading($0, request)) }, uniquingKeysWith: { first, _ in first })
      // With a threshold the verdict's class need not be the most probable one.
      if let primary, let foundClass, var reading = readings[primary] {
        reading.class = foundClass
        reading.probability = reading.probabilities?[foundClass]
        readings[primary] = reading
      }
      return readings
    }
  }

  /// The index of the class found: below the threshold the good class, else the most probable other one.
  func decide(_ probabilities: [Double]) -> (verdict: Inspection.Verdict, index: Int, score: Double?) {
    func best(_ candidates: [Int]) -> Int { candidates.max { probabilities[$0] < probabilities[$1] } ?? 0 }
    let all = Array(probabilities.indices)
    guard let goodIndex, let threshold else { return (.classified, best(all), nil) }
    let score = 1 - probabilities[goodIndex]
    return score >= threshold
      ? (.defect, best(all.filter { $0 != goodIndex }), score) : (.good, goodIndex, score)
  }

  /// Names of the classes found: several of a multi-label bundle, else one.
  func found(_ probabilities: [Double]) -> [String] {
    guard !classes.isEmpty, probabilities.count == classes.count else { return [] }
    return (several?.found(probabilities) ?? [decide(probabilities).index]).map { classes[$0] }
  }

  func finding(
    _ path: String, _ image: Image, _ rule: Preprocessing, _ request: InferenceRequest, started: Double
  ) -> Inspector.Finding {
    if let several {
      return several.finding(path, image, rule, request, baseline: baseline, started: started)
    }
    guard !classes.isEmpty else {
      let inspection = Inspection(
        file: path, verdict: .measured, class: "", probability: nil, score: nil, threshold: nil, pValue: nil,
        probabilities: nil, region: nil, regions: nil, tasks: readings(request, foundClass: nil),
        milliseconds: Clock.milliseconds - started)
      return Inspector.Finding(inspection: inspection, evidence: nil, reading: nil, image: image)
    }
    let values = (try? request.withOutput("probabilities") { $0.map(Double.init) }) ?? []
    let (verdict, index, score) = decide(values)
    // On a good part the map shows what came closest to a defect.
    let candidates = values.indices.filter { $0 != goodIndex }
    let shown = verdict == .good ? candidates.max { values[$0] < values[$1] } ?? index : index
    let grid = request.shape("map").map { (rows: $0[2], columns: $0[3]) } ?? (rows: 0, columns: 0)
    let marks = segmentation?.marks(of: classes[shown], request)
    let evidence =
      try? marks?.evidence
      ?? request.withOutput("map") { map in
        EvidenceMap(
          map: map, classCount: classes.count, rows: grid.rows, columns: grid.columns, found: shown,
          reference: goodIndex,
          baseline: baseline)
      }
    let region =
      verdict == .good
      ? nil : evidence?.region(placement: rule.plan(for: image), width: rule.width, height: rule.height)
    let inspection = Inspection(
      file: path, verdict: verdict, class: classes[index], probability: values[index], score: score,
      threshold: threshold, pValue: nil, probabilities: Dictionary(uniqueKeysWithValues: zip(classes, values)),
      region: region, regions: nil, area: verdict == .good ? nil : marks?.area,
      tasks: readings(request, foundClass: classes[index]),
      milliseconds: Clock.milliseconds - started)
    return Inspector.Finding(inspection: inspection, evidence: evidence, reading: nil, image: image)
  }
}

enum Clock {
  /// Monotonic.
  static var milliseconds: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e6 }
}
