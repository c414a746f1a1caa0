import AssayTraining
import Foundation
import Testing

private func temporaryFolder() -> String {
  FileManager.default.temporaryDirectory.appendingPathComponent("assay-logging-\(UUID().uuidString)").path
}

private func epoch(_ number: Int, extra: [String: Double] = [:], isValidated: Bool = true) -> TrainingHistory.Epoch {
  TrainingHistory.Epoch(
    number: number, learningRate: 1e-5, trainingLoss: 0.1,
    validation: isValidated ? .init(loss: 0.25, accuracy: 0.875, macroF1: 2.0 / 3) : nil, imagesPerSecond: 21.5,
    seconds: 12, gradientNorm: 1.5e20, extra: extra)
}

@Suite struct TrainingHistoryTests {
  private let header =
    "epoch,learning_rate,training_loss,validation_loss,validation_accuracy,validation_macro_f1,"
    + "images_per_second,seconds,gradient_norm"

  @Test func commaSeparatedValues() {
    var history = TrainingHistory(extraColumns: ["loss_scratch", "loss of \"dent\", weighted"])
    #expect(history.csv == header + ",loss_scratch,\"loss of \"\"dent\"\", weighted\"\r\n")
    history.append(epoch(1, extra: ["loss_scratch": 0.5]))
    history.append(epoch(3, extra: ["loss_scratch": 0.25, "loss of \"dent\", weighted": -1], isValidated: false))
    #expect(
      history.csv == header + ",loss_scratch,\"loss of \"\"dent\"\", weighted\"\r\n"
        + "1,1e-05,0.1,0.25,0.875,0.6666666666666666,21.5,12.0,1.5e+20,0.5,\r\n"
        + "3,1e-05,0.1,,,,21.5,12.0,1.5e+20,0.25,-1.0\r\n")
  }

  @Test func fileIsReplaced() throws {
    let folder = temporaryFolder() + "/run"
    defer { try? FileManager.default.removeItem(atPath: (folder as NSString).deletingLastPathComponent) }
    var history = TrainingHistory()
    for number in 1...2 {
      history.append(epoch(number))
      try history.write(toFolder: folder)
      #expect(try String(contentsOfFile: folder + "/training.csv", encoding: .utf8) == history.csv)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["training.csv"])
    let decoded = try JSONDecoder().decode(TrainingHistory.self, from: JSONEncoder().encode(history))
    #expect(decoded == history)
  }

  @Test func errorNamesTheFile() throws {
    let file = temporaryFolder()
    try Data().write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let error = #expect(throws: LogFileError.self) { try TrainingHistory().write(toFolder: file) }
    #expect(error?.path == file + "/training.csv")
    #expect(throws: LogFileError.self) { try TensorBoardWriter(folder: file) }
  }
}

@Suite struct CRC32CTests {
  /// The check value of the CRC catalogue, and 32 zeros from RFC 3720, B.4.
  @Test func publishedValues() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([]) == 0)
  }
}

@Suite struct TensorBoardWriterTests {
  // tensorboard 2.21, with E, S, V for event_pb2.Event, summary_pb2.Summary and Summary.Value:
  //   w = RecordWriter(file)
  //   for e in [
  //       E(wall_time=1700000000.5, file_version='brain.Event:2'),
  //       E(wall_time=1700000000.5, step=300, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
  //       E(wall_time=1700000001.25, step=300, summary=S(value=[
  //           V(tag='loss/training', simple_value=0.1), V(tag='näher', simple_value=-2)]))]:
  //     w.write(e.SerializeToString())
  private let reference =
    "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531101000000000000000"
    + "95fbfe180900002040fc54d94110ac023a020801b94512a333000000000000000ca720560900005040fc54d94110ac02"
    + "2a250a140a0d6c6f73732f747261696e696e6715cdcccc3d0a0d0a066ec3a468657215000000c073617a3f"

  // The same without the last event, and without a step for the start.
  private let freshReference =
    "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531100d00000000000000"
    + "3c37b8340900002040fc54d9413a020801a870fdd5"

  private func hex(_ path: String) throws -> String {
    try Data(contentsOf: URL(fileURLWithPath: path)).map { String(format: "%02x", $0) }.joined()
  }

  @Test func bytesAreThoseOfTensorBoard() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var writer = try TensorBoardWriter(folder: folder, resumingAt: 300, time: 1_700_000_000.5)
    writer.add([("loss/training", 0.1), ("näher", -2)], step: 300, time: 1_700_000_001.25)
    #expect(try hex(writer.path) == String(reference.prefix(144)), "a step is queued until it is flushed")
    try writer.flush()
    #expect(try hex(writer.path) == reference)
    try writer.flush()
    #expect(try hex(writer.path) == reference, "nothing is written twice")
    let name = "events.out.tfevents.1700000000.assay.\(ProcessInfo.processInfo.processIdentifier)"
    #expect(writer.path == folder + "/" + name)
  }

  /// TensorBoard takes the first start in a folder for the beginning and drops steps at the second only.
  @Test func newTrainingStartsASessionToo() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = try TensorBoardWriter(folder: folder, time: 1_700_000_000.5)
    #expect(try hex(writer.path) == freshReference)
  }

  /// Records are 12 bytes of length and check, the event, 4 bytes of check.
  @Test func flushesAppendWholeRecords() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var writer = try TensorBoardWriter(folder: folder, time: 0)
    for number in 1...3 {
      writer.add(epoch(number, extra: ["loss_scratch": 0.5]), time: 0)
      try writer.flush()
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: writer.path))
    var at = 0
    var texts: [String] = []
    while at < bytes.count {
      let length = (0..<8).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
      texts.append(String(decoding: bytes[at + 12..<at + 12 + length], as: UTF8.self))
      at += length + 16
    }
    #expect(at == bytes.count && texts.count == 5, "version, start of the session, three epochs")
    let tags = [
      "loss/training", "loss/validation", "validation/accuracy", "validation/macro_f1", "training/learning_rate",
      "training/gradient_norm", "time/images_per_second", "time/seconds", "extra/loss_scratch",
    ]
    for text in texts.dropFirst(2) { #expect(tags.allSatisfy(text.contains)) }
  }

  @Test func writersOfOneSecondHaveFilesOfTheirOwn() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let paths = try (0..<3).map { _ in try TensorBoardWriter(folder: folder, time: 5).path }
    #expect(Set(paths).count == 3 && paths == paths.sorted())
    #expect(paths.allSatisfy { $0.contains("/events.out.tfevents.0000000005.assay.") })
  }
}
