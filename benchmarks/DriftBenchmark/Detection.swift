import AssayBundle
import AssayData
import AssayImage
import AssayInspection
import AssayMetrics
import AssayStation
import Foundation

/// Parts until the alarm, after something has changed.
struct Detection {
  let bundles: Bundles
  private static let calm = 200
  private static let longest = 500

  init(_ pictures: Pictures) { bundles = Bundles(pictures: pictures) }

  func run(draws: Int, sizes: [Int]) throws {
    let changes: [Alteration] = [.lamp(0.9), .lamp(0.8), .lamp(0.6), .lens(1), .lens(2), .lens(3)]
    for kind in bundles.kinds {
      for size in sizes {
        var found: [String: [(before: Int?, now: Int?)]] = [:]
        for draw in 0..<draws {
          let seed = UInt64(draw * 1000 + size + 500_000)
          let own = bundles.draw(size, fresh: Self.calm + Self.longest, seed: seed)
          try withBundle(kind, own) { bundle in
            let calm = try observed(own.fresh.prefix(Self.calm), bundle)
            for change in changes {
              found[change.text, default: []].append(
                try wait(calm, own.fresh.dropFirst(Self.calm), bundle) { change.applied(to: $0) })
            }
          }
          try newBatch(kind, size, draw, &found)
        }
        for (name, waits) in found.sorted(by: { $0.key < $1.key }) {
          print(
            "\(kind.rawValue), trained on \(size), \(name): before \(Self.text(waits.map(\.before))); now \(Self.text(waits.map(\.now)))"
          )
        }
      }
    }
  }

  /// Where no class is good: a class that was not trained on comes.
  private func newBatch(
    _ kind: Bundles.Kind, _ size: Int, _ draw: Int, _ found: inout [String: [(before: Int?, now: Int?)]]
  ) throws {
    let dataset = bundles.pictures.dataset
    guard dataset.goodClass == nil else { return }
    let excluded = dataset.classes[draw % dataset.classes.count]
    let own = bundles.draw(size, fresh: Self.calm, excluding: excluded, seed: UInt64(draw * 1000 + size + 900_000))
    let batch = dataset.samples.indices.filter { dataset.samples[$0].label == excluded }
    try withBundle(kind, own) { bundle in
      found["a new batch (another class)", default: []].append(
        try wait(try observed(own.fresh[...], bundle), batch[...], bundle) { $0 })
    }
  }

  private func withBundle(_ kind: Bundles.Kind, _ draw: Bundles.Draw, _ body: (ServedBundle) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "drift-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(try bundles.train(kind, draw, in: folder))
  }

  private func observed(
    _ rows: ArraySlice<Int>, _ bundle: ServedBundle, _ change: (Image) -> Image = { $0 }
  ) throws -> [DriftMonitor.Observation] {
    try rows.map { row in
      try Bundles.observe(change(try ImageFile.read(path: bundles.pictures.dataset.samples[row].path)), bundle)
    }
  }

  /// Parts from the change to the alarm; nil for none.
  private func wait(
    _ calm: [DriftMonitor.Observation], _ rows: ArraySlice<Int>, _ bundle: ServedBundle, _ change: (Image) -> Image
  ) throws -> (before: Int?, now: Int?) {
    guard let reference = bundle.reference else { return (nil, nil) }
    var parts = calm
    var (before, now): (Int?, Int?)
    for (place, row) in rows.enumerated() where before == nil || now == nil {
      parts += try observed([row], bundle, change)
      guard parts.count % DriftRule.step == 0 else { continue }
      if now == nil, DriftMonitor.findings(parts, reference, bundle.rule).contains(where: \.isAlarm) { now = place + 1 }
      if before == nil, isAlarmBefore(parts, bundle) { before = place + 1 }
      if now != nil, place > 250 { break }
    }
    return (before, now)
  }

  /// As it was, but with distances that were held out.
  private func isAlarmBefore(_ parts: [DriftMonitor.Observation], _ bundle: ServedBundle) -> Bool {
    guard let reference = bundle.reference else { return false }
    let isJudged = bundle.rule.judges
    let own = parts.filter { !isJudged || $0.verdict == "good" }
    var pairs = [
      (own.compactMap(\.score), isJudged ? bundle.rule.goodScores(of: reference) : reference.scores)
    ]
    if let features = reference.features { pairs.append((own.compactMap(\.featureDistance), features.distances)) }
    return pairs.contains { latest, held in
      guard latest.count >= 50, held.count >= 20, let test = KolmogorovSmirnov(latest, held) else { return false }
      return test.pValue < 0.001 && test.statistic >= 0.15
    }
  }

  private static func text(_ waits: [Int?]) -> String {
    let found = waits.compactMap { $0 }.sorted()
    guard let last = found.last else { return "never in \(waits.count)" }
    return "\(found.count) of \(waits.count), median \(found[found.count / 2]), longest \(last)"
  }
}
