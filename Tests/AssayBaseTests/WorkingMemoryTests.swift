import AssayBase
import Foundation
import Testing

@Suite struct WorkingMemoryTests {
  /// Whatever was released is there again, on pages and across them.
  @Test func releasedNumbersComeBack() throws {
    let folder = NSTemporaryDirectory() + "assay-memory-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for place in [folder, nil] {
      let memory = WorkingMemory(count: 10_000, folder: place, fewest: 0, held: 0)
      #expect(memory.isReleasable == (place != nil))
      for index in 0..<10_000 { memory.values[index] = Float(index) }
      for range in [0..<1, 1_000..<1_100, 0..<10_000, 9_999..<10_000, 5..<5] { memory.release(range) }
      #expect((0..<10_000).allSatisfy { memory.values[$0] == Float($0) })
      let values = FeatureValues(memory, count: 9_000)
      #expect(values == FeatureValues((0..<9_000).map { Float($0) }))
      #expect(values.array(4_000..<4_003) == [4_000, 4_001, 4_002])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [], "the file has no name")
  }

  @Test func withoutRoomItIsMemory() throws {
    let file = NSTemporaryDirectory() + "assay-memory-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data().write(to: URL(fileURLWithPath: file))
    let memory = WorkingMemory(count: 10, folder: file, fewest: 0, held: 0)
    #expect(!memory.isReleasable && memory.values.allSatisfy { $0 == 0 })
  }
}

@Suite(.timeLimit(.minutes(10))) struct PlainFileTests {
  @Test func onlyPlainFilesAreRead() throws {
    let folder = NSTemporaryDirectory() + "assay-plain-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let file = folder + "/file"
    try Data("content".utf8).write(to: URL(fileURLWithPath: file))
    #expect(try PlainFile.contents(file) == Array("content".utf8))
    #expect(symlink(file, folder + "/link") == 0 && mkfifo(folder + "/fifo", 0o644) == 0)
    #expect(try PlainFile.contents(folder + "/link", links: .followed) == Array("content".utf8))
    func cause(_ name: String, _ links: PlainFile.Links = .refused) -> String? {
      #expect(throws: PlainFile.Refusal.self) { try PlainFile.contents(folder + "/" + name, links: links) }?.cause
    }
    #expect(cause("link")?.contains("symbolic link") == true)
    #expect(cause("fifo")?.contains("FIFO") == true)
    #expect(cause("fifo", .followed)?.contains("FIFO") == true)
    #expect(cause(".")?.contains("folder") == true)
    #expect(#expect(throws: PlainFile.Refusal.self) { try PlainFile.contents(folder + "/none") }?.isMissing == true)
  }
}
