import AssayBackbones
import AssayBase
import AssayGraph
import Foundation
import Testing

/// Files that were made to harm are refused by name and with a reason, in bounded memory. The files are made by
/// `HostileFile.all()`; they are opened in a process of their own, whose memory nothing else uses.
@Suite struct HostileFilesTests {
  @Test func refusedInBoundedMemory() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hostile-\(UUID().uuidString)")
    let inner = folder.appendingPathComponent("files")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(count: 192).write(to: folder.appendingPathComponent("secret.bin"))
    try Data(count: 192).write(to: inner.appendingPathComponent("data.bin"))
    try FileManager.default.createSymbolicLink(
      atPath: inner.appendingPathComponent("link.bin").path, withDestinationPath: "../secret.bin")
    let files = try HostileFile.all()
    #expect(files.count >= 30 && Set(files.map(\.name)).count == files.count)
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = ["--testing-library", "swift-testing", "--filter", "HostileFilesChild"]
    child.environment = ProcessInfo.processInfo.environment.merging(
      ["ASSAY_HOSTILE_FILES": inner.path, "XDG_CACHE_HOME": folder.path]) { $1 }
    let output = Pipe()
    child.standardOutput = output
    child.standardError = output
    try child.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    child.waitUntilExit()
    #expect(child.terminationStatus == 0 && text.contains("refused \(files.count) files"), "\(text.suffix(6000))")
  }

  /// What is not hostile passes: the same makers with nothing wrong.
  @Test func goodFilesOfTheSameMakersAreRead() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("good-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let good = Pickle.dictionary { $0.tensor("w", shape: [8], strides: [1]) }
    let tensor = "{\"w\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[0,32]}}"
    for (name, bytes) in [
      ("a.pth", Archive(good).bytes), ("b.pth", legacyFile(good)), ("c.safetensors", safetensors(tensor, data: 32)),
    ] {
      let path = folder.appendingPathComponent(name).path
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      // One tensor is no network, and the error says what was seen.
      do {
        _ = try BackboneImport.run(path, .init(isTimed: false))
        Issue.record("\(name) was taken for a network")
      } catch {
        #expect(error.description.contains("1 tensors in w: w [8]"), "\(error)")
      }
    }
  }
}

@Suite(.enabled(if: ProcessInfo.processInfo.environment["ASSAY_HOSTILE_FILES"] != nil)) struct HostileFilesChild {
  /// A file's own size, what it is turned into, and what OpenVINO takes for a small graph.
  private static let allowance = 96 << 20

  private static func status(_ field: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(field) }
    return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") }.map { $0 << 10 } ?? 0
  }

  @Test func refuses() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ASSAY_HOSTILE_FILES"])
    // The first graph loads OpenVINO.
    let first = folder + "/good.onnx"
    try Data(try graph { _ in }).write(to: URL(fileURLWithPath: first))
    let imported = try BackboneImport.run(first, .init(isTimed: false))
    #expect(imported.taps.map(\.name) == ["y"])
    var refused = 0
    for file in try HostileFile.all() {
      let path = "\(folder)/\(file.name)"
      try Data(file.bytes).write(to: URL(fileURLWithPath: path))
      // The high-water mark begins anew.
      try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .ascii)
      let before = Self.status("VmRSS:")
      do {
        _ = try BackboneImport.run(path, .init(isTimed: false))
        Issue.record("\(file.name) was accepted")
      } catch {
        refused += 1
        #expect(error.kind == .badData, "\(file.name): \(error)")
        #expect(error.description.hasPrefix("\(path): "), "\(file.name): \(error)")
        #expect(error.description.contains(file.reason), "\(file.name): \(error)")
        #expect(error.description.count < path.count + 1000, "\(file.name)")
      }
      let growth = Self.status("VmHWM:") - before
      #expect(growth < Self.allowance, "\(file.name) took \(growth >> 20) MiB")
      try? FileManager.default.removeItem(atPath: path)
    }
    print("refused \(refused) files")
  }
}
