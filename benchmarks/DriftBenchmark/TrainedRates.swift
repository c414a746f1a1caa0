import AssayBundle
import AssayData
import AssayImage
import AssayInspection
import AssayStation
import Foundation

/// How often whole bundles raise an alarm when nothing has changed.
struct TrainedRates {
  let bundles: Bundles

  init(_ pictures: Pictures) { bundles = Bundles(pictures: pictures) }

  func run(draws: Int, sizes: [Int]) throws {
    let fresh = 500
    for kind in bundles.kinds {
      for size in sizes {
        var (before, now) = (AlarmTable(), AlarmTable())
        var alarmed: [String: Int] = [:]
        for draw in 0..<draws {
          let own = bundles.draw(size, fresh: fresh, seed: UInt64(draw * 1000 + size))
          let folder = NSTemporaryDirectory() + "drift-\(UUID().uuidString)"
          try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
          defer { try? FileManager.default.removeItem(atPath: folder) }
          let bundle = try bundles.train(kind, own, in: folder)
          guard let reference = bundle.reference else { continue }
          let parts = try own.fresh.map { row in
            try Bundles.observe(try ImageFile.read(path: bundles.pictures.dataset.samples[row].path), bundle)
          }
          let isJudged = bundle.rule.judges
          let scores = parts.filter { !isJudged || $0.verdict == "good" }.compactMap(\.score)
          before.add(
            Alarms.before(scores, isJudged ? bundle.rule.goodScores(of: reference) : reference.scores))
          now.add(
            Alarms.now(parts.count) { range in
              let alarms = DriftMonitor.findings(Array(parts[range]), reference, bundle.rule).filter(\.isAlarm)
              for alarm in alarms { alarmed[alarm.of.rawValue, default: 0] += 1 }
              return !alarms.isEmpty
            })
        }
        print("\(kind.rawValue), trained on \(size), \(fresh) fresh parts: before, scores alone \(before.text)")
        print(
          "\(kind.rawValue), trained on \(size), \(fresh) fresh parts: now, all figures \(now.text)"
            + (alarmed.isEmpty ? "" : " \(alarmed)"))
      }
    }
  }
}
