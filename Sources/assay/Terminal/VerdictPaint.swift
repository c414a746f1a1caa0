import AssayBase
import AssayInspection

/// Colours of verdicts, where a terminal has them: the words say the same without.
struct VerdictPaint: Sendable {
  private let isOn: Bool

  /// - Parameter descriptor: where the line will be written.
  init(for descriptor: Int32) { isOn = Terminal.hasColour(descriptor) }

  func painted(_ text: String, _ tone: InspectionTally.Tone) -> ShownLine {
    guard isOn else { return "\(text)" }
    // Select Graphic Rendition, ECMA-48, 8.3.117.
    switch tone {
    case .good: return ShownLine(text, rendition: "32")
    case .defect: return ShownLine(text, rendition: "1;31")
    case .uncertain: return ShownLine(text, rendition: "33")
    case .plain: return "\(text)"
    }
  }

  /// An inspection after its file's name: the verdict in its colour, and whether a person should look.
  func line(_ inspection: Inspection) -> ShownLine {
    let sentence = inspection.outcome.finding.sentence
    let word = inspection.verdict.rawValue.uppercased()
    var line: ShownLine = "\(sentence)"
    if sentence.hasPrefix(word) {
      line = painted(word, tone(inspection.verdict)) + "\(String(sentence.dropFirst(word.count)))"
    }
    return inspection.isUncertain && inspection.verdict != .unjudged
      ? line + "  " + painted("uncertain", .uncertain) : line
  }

  /// The closing line of a run.
  func line(_ tally: InspectionTally, since started: ContinuousClock.Instant) -> ShownLine {
    let seconds = ElapsedTime.text(seconds: (ContinuousClock.now - started) / .seconds(1))
    let pieces = tally.pieces.map { painted($0.text, $0.tone) }
    return pieces.reduce("", +) + (pieces.isEmpty ? "nothing, " : ", ") + "\(seconds)"
  }

  private func tone(_ verdict: Inspection.Verdict) -> InspectionTally.Tone {
    switch verdict {
    case .good: .good
    case .defect: .defect
    case .unjudged: .uncertain
    case .classified, .measured: .plain
    }
  }
}
