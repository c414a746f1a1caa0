public import Foundation

/// Writes scalars for TensorBoard into an event file of its own, `events.out.tfevents.<seconds>.assay.<process>`.
///
/// A training that is taken up again makes a new writer, thus a new file in the same folder, and names its first step:
/// what an earlier file holds for this step and later ones TensorBoard then leaves out.
public struct TensorBoardWriter: Sendable {
  public let path: String
  private var pending: [UInt8] = []

  /// Makes the file.
  /// - Parameters:
  ///   - folder: made when there is none; one for each run.
  ///   - firstStep: the first step that is going to be written when a training is taken up again; nil for a new one.
  ///   - time: seconds since 1970.
  /// - Throws: ``LogFileError``.
  public init(
    folder: String, resumingAt firstStep: Int? = nil, time: Double = Date().timeIntervalSince1970
  ) throws(LogFileError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw LogFileError(path: folder, cause: "it cannot be made (\(error.localizedDescription))")
    }
    let seconds = String(format: "%010d", Int(time))
    let name = "\(folder)/events.out.tfevents.\(seconds).assay.\(ProcessInfo.processInfo.processIdentifier)"
    path = try Self.makeFile(name)
    append(SummaryEvent(wallTime: time, step: 0, content: .fileVersion("brain.Event:2")))
    // In the first file too: TensorBoard takes only the second start in a folder for a restart.
    append(SummaryEvent(wallTime: time, step: firstStep ?? 0, content: .sessionStart))
    try flush()
  }

  /// A second writer within the same second gets a number behind its name; files are read in the order of their names.
  private static func makeFile(_ name: String) throws(LogFileError) -> String {
    for attempt in 0..<1000 {
      let path = attempt == 0 ? name : "\(name).\(attempt)"
      let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if file >= 0 {
        close(file)
        return path
      }
      guard errno == EEXIST else {
        throw LogFileError(path: path, cause: "it cannot be made (\(String(cString: strerror(errno))))")
      }
    }
    throw LogFileError(path: name, cause: "a thousand files of this name are there already")
  }

  /// Queues values of one step.
  /// - Parameters:
  ///   - scalars: by tag; tags of the same prefix, `loss/training` and `loss/validation`, are shown together. Kept in
  ///     single precision.
  ///   - step: at least 0.
  ///   - time: seconds since 1970.
  public mutating func add(
    _ scalars: [(tag: String, value: Double)], step: Int, time: Double = Date().timeIntervalSince1970
  ) {
    append(SummaryEvent(wallTime: time, step: step, content: .scalars(scalars)))
  }

  /// Queues an epoch's figures; the step is the epoch.
  public mutating func add(_ epoch: TrainingHistory.Epoch, time: Double = Date().timeIntervalSince1970) {
    var scalars = [(tag: "loss/training", value: epoch.trainingLoss)]
    if let validation = epoch.validation {
      scalars += [
        (tag: "loss/validation", value: validation.loss), (tag: "validation/accuracy", value: validation.accuracy),
        (tag: "validation/macro_f1", value: validation.macroF1),
      ]
    }
    scalars += [
      (tag: "training/learning_rate", value: epoch.learningRate),
      (tag: "training/gradient_norm", value: epoch.gradientNorm),
      (tag: "time/images_per_second", value: epoch.imagesPerSecond), (tag: "time/seconds", value: epoch.seconds),
    ]
    scalars += epoch.extra.sorted { $0.key < $1.key }.map { (tag: "extra/\($0.key)", value: $0.value) }
    add(scalars, step: epoch.number, time: time)
  }

  private mutating func append(_ event: SummaryEvent) { pending += event.record }

  /// Writes out what is queued; to be called after each epoch. What could not be written stays queued.
  /// - Throws: ``LogFileError``.
  public mutating func flush() throws(LogFileError) {
    let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard file >= 0 else { throw failure() }
    defer { close(file) }
    while !pending.isEmpty {
      let count = pending.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      pending.removeFirst(count)
    }
  }

  private func failure() -> LogFileError {
    LogFileError(path: path, cause: "it cannot be written (\(String(cString: strerror(errno))))")
  }
}
