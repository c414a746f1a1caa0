package import AssayBase
import AssayImage
import Foundation
import Synchronization

/// One bar for the whole comparison: each backbone has a share of it, as large as its work is expected to be.
package final class ComparisonPace: Sendable {
  private static let ticks = 1000

  /// Parts of a backbone's share, up to their end.
  package enum Phase: Double {
    case features = 0.75
    case heads = 0.88
    case graph = 1
  }

  private struct State {
    var fraction = 0.0
    let began = DispatchTime.now()
  }

  private let starts: [Double]
  private let shares: [Double]
  package let report: ProgressHandler
  private let state = Mutex(State())

  /// - Parameter work: of each backbone, in any unit.
  package init(work: [Double], report: @escaping ProgressHandler) {
    let total = max(work.reduce(0, +), .leastNormalMagnitude)
    let shares = work.map { $0 / total }
    self.shares = shares
    starts = shares.indices.map { shares[..<$0].reduce(0, +) }
    self.report = report
  }

  /// Work grows with the weights (the file's size) and with the positions that they are used at.
  package static func work(fileBytes: Int, inputSize: Int) -> Double {
    Double(max(1, fileBytes) * inputSize * inputSize)
  }

  /// For one backbone's work in one phase.
  package func handler(_ index: Int, _ name: String, from start: Double, to phase: Phase) -> ProgressHandler {
    { self.advance(index, name, from: start, to: phase.rawValue, $0) }
  }

  private func advance(_ index: Int, _ name: String, from start: Double, to end: Double, _ progress: WorkProgress) {
    guard progress.total > 0 else { return }
    let part = start + (end - start) * Double(progress.done) / Double(progress.total)
    let note = "\(name): \(progress.step) \(progress.done) of \(progress.total)"
    state.withLock { state in
      state.fraction = max(state.fraction, starts[index] + shares[index] * part)
      report(WorkProgress("comparing", Self.tick(state.fraction), Self.ticks, note: note))
    }
  }

  /// A row is finished, or a backbone given up.
  package func milestone(_ index: Int, isLast: Bool, _ note: String) {
    state.withLock { state in
      if isLast { state.fraction = max(state.fraction, starts[index] + shares[index]) }
      var text = note
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - state.began.uptimeNanoseconds) / 1e9
      if state.fraction > 0.02, state.fraction < 0.999 {
        text += String(format: " (about %.0f s left)", seconds / state.fraction * (1 - state.fraction))
      }
      report(WorkProgress("comparing", Self.tick(state.fraction), Self.ticks, note: text, isMilestone: true))
    }
  }

  private static func tick(_ fraction: Double) -> Int { Int(clamping: (fraction * Double(ticks)).rounded()) }
}
