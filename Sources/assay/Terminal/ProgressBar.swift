import AssayBase
import AssayData
import AssayRuntime
import AssayWorkflows
import Dispatch
import Synchronization

/// Progress on standard error: on a terminal one line for the step at work, drawn in place and laid out for the terminal's
/// width, with the time left, and a line for each step that is done; otherwise a few lines.
final class ProgressBar: Sendable {
  private struct State {
    var step = ""
    var began = DispatchTime.now()
    var drawn = DispatchTime.now()
    /// When it is worth a line how long the step takes yet, in seconds from its beginning; only where no line is drawn in place.
    var nextForecast = 3.0
    /// The step of which it was said what it will cost.
    var announced: String?
    var isFinished = false
  }

  private let redraws = Terminal.canRedraw
  private let isQuiet: Bool
  private let state = Mutex(State())

  init(isQuiet: Bool = false) { self.isQuiet = isQuiet }

  var handler: ProgressHandler {
    { self.show($0) }
  }

  private func show(_ progress: WorkProgress) {
    guard progress.notices.isEmpty else { return DataText.say(progress.notices) }
    guard !isQuiet else { return }
    if progress.isAnnouncement {
      state.withLock { ($0.announced, $0.nextForecast) = (progress.step, 60) }
      return Console.say("\(progress.step): \(progress.note ?? "")")
    }
    // Before it is shown: who has seen the step and presses Ctrl-C is told of it.
    StepAtWork.set(progress.step, progress.done, progress.total)
    state.withLock { state in
      if progress.step != state.step { begin(progress, &state) }
      // The same step of something else, which has a clock of its own.
      if state.isFinished, progress.done < progress.total { state.began = .now() }
      state.isFinished = progress.done >= progress.total
      if redraws { draw(progress, &state) } else { tell(progress, &state) }
    }
  }

  private func begin(_ progress: WorkProgress, _ state: inout State) {
    // A step that ended before its last item.
    if redraws { Screen.finish() }
    state.step = progress.step
    state.began = .now()
    state.isFinished = false
    state.nextForecast = state.announced == progress.step ? 60 : 3
    let name: ShownLine = "\(progress.step)"
    if !redraws {
      Console.say(progress.total > 1 ? "\(progress.step) (\(progress.total))" : name)
    } else if !Self.line(progress, seconds: 0).fitsName(columns: Terminal.columns) {
      Console.say(name)
    }
  }

  /// On a terminal.
  private func draw(_ progress: WorkProgress, _ state: inout State) {
    guard progress.total > 0 else { return }
    let now = DispatchTime.now()
    let seconds = Self.seconds(state.began, now)
    let line = Self.line(progress, seconds: seconds)
    guard progress.done < progress.total else { return finish(line, isMilestone: progress.isMilestone) }
    guard Self.seconds(state.drawn, now) > 0.1 else { return }
    state.drawn = now
    Screen.show { line.text(columns: $0) }
  }

  /// The line that stays. What is worth a line of its own is not cut.
  private func finish(_ line: ProgressLine, isMilestone: Bool) {
    let columns = Terminal.columns
    guard isMilestone, let note = line.note, !line.text(columns: columns).hasSuffix(note) else {
      return Screen.finish(line.text(columns: columns))
    }
    var line = line
    line.note = nil
    Screen.finish(line.text(columns: columns) + "\n  " + note)
  }

  /// Where nothing can be drawn in place.
  private func tell(_ progress: WorkProgress, _ state: inout State) {
    let seconds = Self.seconds(state.began, .now())
    if let left = Self.left(progress, seconds), seconds > state.nextForecast {
      // The longer a step takes the fewer of them.
      state.nextForecast = max(60, seconds * 2)
      if left >= 20 {
        Console.say("  \(progress.done) of \(progress.total), about \(WorkEstimate.text(seconds: left)) left")
      }
    }
    if progress.isMilestone, let note = progress.note { Console.say("  \(note)") }
  }

  private static func line(_ progress: WorkProgress, seconds: Double) -> ProgressLine {
    let isLast = progress.done >= progress.total
    let time =
      isLast
      ? ElapsedTime.text(seconds: seconds)
      : left(progress, seconds).map { "\(WorkEstimate.text(seconds: $0)) left" } ?? ""
    return ProgressLine(
      name: VisibleText.escaped(progress.step), done: progress.done, total: progress.total, time: time,
      note: progress.note.map(VisibleText.escaped))
  }

  /// Seconds that the step will take yet; nil before its first item.
  private static func left(_ progress: WorkProgress, _ passed: Double) -> Double? {
    guard progress.done > 0, progress.done < progress.total else { return nil }
    return passed / Double(progress.done) * Double(progress.total - progress.done)
  }

  private static func seconds(_ a: DispatchTime, _ b: DispatchTime) -> Double {
    Double(b.uptimeNanoseconds - a.uptimeNanoseconds) / 1e9
  }
}
