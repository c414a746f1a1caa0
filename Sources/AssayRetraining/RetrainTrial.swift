import AssayInspection
import AssayRuntime
import AssayStation
import Synchronization

/// What a bundle says of parts whose class is known.
struct RetrainTrial {
  struct Judgement: Sendable, Equatable {
    /// nil for an answer that is no number.
    var found: String?
    var isRight: Bool
    var isPassed: Bool
  }

  /// Of each part; nil for those that cannot be read, which say nothing about any bundle.
  private(set) var judgements: [Judgement?]

  init(of path: String, _ parts: [TrainingList.Part], goodClass: String?) throws {
    guard !parts.isEmpty else {
      judgements = []
      return
    }
    let inspector = try Inspector(path: path, mode: .throughput)
    let found = Mutex([Judgement?](repeating: nil, count: parts.count))
    try inspector.inspect(parts.map(\.path)) { index, result in
      let label = parts[index].label
      let judgement: Judgement
      switch result {
      case .failure(.image), .failure(.input): return
      // No answer is a wrong one: the part would have to be looked at by hand.
      case .failure(.notFinite), .failure(.runtime):
        judgement = Judgement(found: nil, isRight: false, isPassed: label != goodClass)
      case .success(let finding):
        judgement = Judgement(
          found: finding.inspection.class, isRight: finding.inspection.class == label,
          isPassed: finding.inspection.verdict == .good)
      }
      found.withLock { $0[index] = judgement }
    }
    judgements = found.withLock { $0 }
  }

  /// - Parameter compared: which parts count.
  func outcome(_ parts: [TrainingList.Part], compared: [Int], goodClass: String?) -> RetrainReport.Outcome {
    var total = RetrainReport.Outcome()
    for index in compared {
      guard let own = judgements[index] else { continue }
      total.parts += 1
      if !own.isRight { total.wrong += 1 }
      guard let goodClass else { continue }
      if parts[index].label == goodClass {
        total.goods += 1
        total.overkills += own.isPassed ? 0 : 1
      } else {
        total.defects += 1
        total.escapes += own.isPassed ? 1 : 0
      }
    }
    return total
  }
}
