import AssayBackbones
import AssayBase
import AssayBundle
import AssayData
import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayRuntime
import AssayStation
import Foundation
import Synchronization

/// How often features and brightness raise an alarm when nothing has changed.
struct AlarmRates {
  private let features: FeatureSet
  private let rows: [Int]
  /// Of each image.
  private let brightness: [Double]

  init(_ pictures: Pictures) throws {
    let backbone = try BackboneCatalogue.load(BackboneCatalogue.defaultName)
    let options = FeatureOptions()
    let specification = FeatureSpecification(
      taps: backbone.defaultTaps, statistics: options.statistics, width: backbone.inputSize, height: backbone.inputSize)
    let paths = pictures.comparable.map { pictures.dataset.samples[$0].path }
    let extractor = FeatureExtractor(
      onnx: try FeatureGraph.build(backbone, specification).serialized(),
      dimension: specification.dimension(of: backbone),
      preprocessing: Preprocessing(
        width: backbone.inputSize, height: backbone.inputSize, policy: options.policy, filter: options.filter,
        whiteLevel: nil),
      cache: FeatureCache(), engines: .automatic)
    features = try extractor.features(of: paths)
    rows = Array(features.rows.indices)
    brightness = try paths.map { try ImageFile.read(path: $0).brightness }
  }

  func run(draws: Int, sizes: [Int]) throws {
    print("\(rows.count) images, \(features.dimension) features, \(draws) draws, 1,000 fresh parts after each")
    for size in sizes where size + 100 <= rows.count {
      let tables = Mutex((before: AlarmTable(), now: AlarmTable()))
      let workers = ProcessInfo.processInfo.activeProcessorCount
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        for draw in stride(from: worker, to: draws, by: workers) {
          let (before, now) = trial(size, seed: UInt64(draw))
          tables.withLock {
            $0.before.add(before)
            $0.now.add(now)
          }
        }
      }
      let found = tables.withLock { $0 }
      print("trained on \(size): before \(found.before.text)")
      print("trained on \(size): now    \(found.now.text)")
    }
  }

  private func trial(_ size: Int, seed: UInt64) -> (before: Alarms, now: Alarms) {
    var generator = SplitMix64(seed: seed &* 7919 &+ UInt64(size))
    let (training, fresh) = Pictures.draw(rows, training: size, fresh: 1000, using: &generator)
    let own = BundleReference.Features(rows: training, of: features.values, dimension: features.dimension)
    guard let ruler = own.ruler else { return (Alarms(), Alarms()) }
    let latest = distances(fresh, ruler)
    let reference = BundleReference(
      basis: "", scores: [], isDefect: [], features: own, brightness: training.map { brightness[$0] })
    let rule = DecisionRule.classifier(classes: [], goodClass: nil, threshold: nil)
    let parts = zip(latest, fresh).map { distance, row in
      DriftMonitor.Observation(
        verdict: "classified", score: nil, featureDistance: distance, brightness: brightness[row])
    }
    return (
      Alarms.before(latest, distances(training, ruler)),
      Alarms.now(latest.count) { range in
        DriftMonitor.findings(Array(parts[range]), reference, rule).contains(where: \.isAlarm)
      }
    )
  }

  private func distances(_ rows: [Int], _ ruler: FeatureRuler) -> [Double] {
    features.values.withUnsafeBufferPointer { values in
      rows.map { row in
        ruler.distance(
          UnsafeBufferPointer(rebasing: values[row * features.dimension..<(row + 1) * features.dimension]))
      }
    }
  }
}
