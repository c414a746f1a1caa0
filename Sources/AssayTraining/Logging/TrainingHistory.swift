import Foundation

/// The figures of each epoch of a training.
public struct TrainingHistory: Sendable, Equatable, Codable {
  public struct Epoch: Sendable, Equatable, Codable {
    /// 1 for the first.
    public let number: Int
    /// Of the epoch's last step.
    public let learningRate: Double
    /// Mean over the epoch's images.
    public let trainingLoss: Double
    /// Of the validation images, nil when there are none.
    public let validation: Validation?
    /// Training images, without the time of the validation.
    public let imagesPerSecond: Double
    /// Of the whole epoch.
    public let seconds: Double
    /// Mean of the L2 norm before clipping.
    public let gradientNorm: Double
    /// Values of ``TrainingHistory/extraColumns``, the losses of single tasks, say.
    public let extra: [String: Double]

    public init(
      number: Int, learningRate: Double, trainingLoss: Double, validation: Validation?, imagesPerSecond: Double,
      seconds: Double, gradientNorm: Double, extra: [String: Double] = [:]
    ) {
      self.number = number
      self.learningRate = learningRate
      self.trainingLoss = trainingLoss
      self.validation = validation
      self.imagesPerSecond = imagesPerSecond
      self.seconds = seconds
      self.gradientNorm = gradientNorm
      self.extra = extra
    }
  }

  public struct Validation: Sendable, Equatable, Codable {
    public let loss: Double
    /// 0...1
    public let accuracy: Double
    /// 0...1
    public let macroF1: Double

    public init(loss: Double, accuracy: Double, macroF1: Double) {
      self.loss = loss
      self.accuracy = accuracy
      self.macroF1 = macroF1
    }
  }

  /// Names of further columns, in their order; `loss_scratch`.
  public let extraColumns: [String]
  public private(set) var epochs: [Epoch] = []

  public init(extraColumns: [String] = []) {
    precondition(
      Set(Self.columns + extraColumns).count == Self.columns.count + extraColumns.count, "columns of the same name")
    self.extraColumns = extraColumns
  }

  /// - Parameter epoch: later than those before; its extra values are among ``extraColumns``, any may be missing.
  public mutating func append(_ epoch: Epoch) {
    precondition(epochs.last.map { $0.number < epoch.number } ?? true, "epoch \(epoch.number) does not come next")
    precondition(epoch.extra.keys.allSatisfy(extraColumns.contains), "no such columns: \(epoch.extra.keys.sorted())")
    epochs.append(epoch)
  }
}

extension TrainingHistory {
  public static let fileName = "training.csv"

  private static let columns = [
    "epoch", "learning_rate", "training_loss", "validation_loss", "validation_accuracy", "validation_macro_f1",
    "images_per_second", "seconds", "gradient_norm",
  ]

  /// A header and a row for each epoch, by RFC 4180. Numbers have as many digits as are needed to read the same number
  /// back; what there is not is empty.
  public var csv: String {
    let rows = epochs.map { epoch in
      let values: [Double?] =
        [
          epoch.learningRate, epoch.trainingLoss, epoch.validation?.loss, epoch.validation?.accuracy,
          epoch.validation?.macroF1, epoch.imagesPerSecond, epoch.seconds, epoch.gradientNorm,
        ] + extraColumns.map { epoch.extra[$0] }
      return ["\(epoch.number)"] + values.map { $0.map { "\($0)" } ?? "" }
    }
    let header = (Self.columns + extraColumns).map(Self.field)
    return ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  /// Writes `training.csv`; whoever reads it at the same time sees the old file or the new one.
  /// - Throws: ``LogFileError``.
  public func write(toFolder folder: String) throws(LogFileError) {
    let path = folder + "/" + Self.fileName
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(csv.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw LogFileError(path: path, cause: "it cannot be written (\(error.localizedDescription))")
    }
  }
}
