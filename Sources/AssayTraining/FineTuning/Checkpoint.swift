import AssayBase
import Foundation

/// The state of a training at the end of a step, from which it goes on bit for bit.
struct Checkpoint {
  /// What is not numbers.
  struct Header: Codable {
    /// Of everything that decides what the training does: data, settings, network.
    var fingerprint: String
    /// Epochs that are complete.
    var epoch: Int
    /// Batches of the next epoch that are done.
    var batch: Int
    var history: TrainingHistory
    var stopping: EarlyStopping
    /// Sums of the unfinished epoch.
    var lossSum: Double
    var partSums: [Double]
    var normSum: Double
    var seconds: Double
  }

  var header: Header
  /// Parameters, those of the best epoch, optimiser, average; as many parts as there are.
  var parts: [[UInt8]]

  private static let magic = Array("ASSAYCK1".utf8)

  /// Written beside its name and renamed into place.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let head = try encoder.encode(header)
    var data = Data(Self.magic)
    func append(_ count: Int) { withUnsafeBytes(of: UInt64(count).littleEndian) { data.append(contentsOf: $0) } }
    append(head.count)
    append(parts.count)
    for part in parts { append(part.count) }
    data.append(head)
    for part in parts { data.append(contentsOf: part) }
    try FileManager.default.createDirectory(
      atPath: path.deletingLastPathComponent, withIntermediateDirectories: true)
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw LogFileError(path: path, cause: "the checkpoint cannot be written (\(error.localizedDescription))")
    }
  }

  /// - Returns: nil when there is none, or one that is damaged or of another training.
  /// - Throws: ``LogFileError`` when something else than a file lies there: it would be trained for nothing.
  static func read(_ path: String, fingerprint: String) throws(LogFileError) -> Checkpoint? {
    let data: [UInt8]
    do throws(PlainFile.Refusal) {
      data = try PlainFile.contents(path)
    } catch {
      guard !error.isMissing else { return nil }
      throw LogFileError(path: path, cause: "the checkpoint cannot be read (\(error.cause)); move it away")
    }
    guard data.count >= 24, data.starts(with: magic) else { return nil }
    return data.withUnsafeBytes { raw -> Checkpoint? in
      func integer(_ at: Int) -> Int? {
        guard at + 8 <= raw.count else { return nil }
        return Int(exactly: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
      }
      guard let headCount = integer(8), let partCount = integer(16), partCount <= 16 else { return nil }
      let sizes = (0..<partCount).compactMap { integer(24 + 8 * $0) }
      var at = 24 + 8 * partCount
      let total = ([headCount] + sizes).reduce((at, false)) { sum, size in
        let (next, overflow) = sum.0.addingReportingOverflow(size)
        return (next, sum.1 || overflow || size < 0)
      }
      guard sizes.count == partCount, !total.1, total.0 == raw.count else { return nil }
      func take(_ count: Int) -> [UInt8] {
        defer { at += count }
        return Array(raw[at..<at + count])
      }
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      // A damaged one is as none: the training begins anew.
      guard let header = try? decoder.decode(Header.self, from: Data(take(headCount))),
        header.fingerprint == fingerprint
      else { return nil }
      return Checkpoint(header: header, parts: sizes.map(take))
    }
  }
}
