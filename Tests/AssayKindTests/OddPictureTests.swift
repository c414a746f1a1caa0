import AssayTestSupport
import Foundation
import Testing

/// Pictures of unusual shape and files that are none go through the whole program: a verdict, or a name.
@Suite struct OddPictureTests {
  let folder = TemporaryFolder()

  private func row(_ width: Int, _ height: Int) -> [UInt8] {
    Array("P5 \(width) \(height) 255\n".utf8) + [UInt8](repeating: 255, count: width * height)
  }

  /// The longest sides that are read, and the smallest picture.
  @Test(arguments: BundleKind.allCases) func theLongestPicturesAreInspected(_ kind: BundleKind) throws {
    let bundle = try TinyBundle.write(kind, in: folder.path)
    folder.write("new/across.pgm", row(65_535, 1))
    folder.write("new/down.pgm", row(1, 65_535))
    folder.write("new/one.pgm", row(1, 1))
    let run = try AssayProgram.run(["inspect", bundle, "--json", folder.path + "/new", "--maps", folder.path + "/maps"])
    #expect(run.status == 0 && run.lines.count == 3, "\(run.messages)")
    #expect(run.lines.allSatisfy { $0["error"] == nil })
    #expect(folder.names(in: "maps") == ["across.png", "down.png", "one.png"])
  }

  /// Each is named with what to do, and the others are inspected.
  @Test func whatIsNoPictureIsNamedAndTheOthersGoOn() throws {
    let bundle = try TinyBundle.write(.classifier, in: folder.path)
    folder.write("new/good.png", Pictures.grey(0))
    folder.write("new/wide.pgm", "P5 40000000 1 255\n")
    folder.write("new/holes.png", [UInt8]())
    try #require(truncate(folder.path + "/new/holes.png", 300 << 30) == 0)
    folder.write("new/tail.pgm", row(4, 4))
    try #require(truncate(folder.path + "/new/tail.pgm", 300 << 30) == 0)
    #expect(mkfifo(folder.path + "/new/pipe.png", 0o600) == 0)
    folder.link("new/link.png", to: "gone.png")
    folder.write("new/folder.png/other.png", Pictures.grey(0))
    let run = try AssayProgram.run(["inspect", bundle, folder.path + "/new", "--json"])
    #expect(run.status == 65)
    let causes = Dictionary(
      uniqueKeysWithValues: run.lines.compactMap { line in
        line["error"]?.text.map { (((line["file"]?.text ?? "") as NSString).lastPathComponent, $0) }
      })
    #expect(causes["wide.pgm"]?.contains("no side may have more than 65535") == true)
    #expect(causes["holes.png"]?.contains("zero bytes") == true)
    #expect(causes["tail.pgm"]?.contains("322122547200 bytes") == true)
    #expect(causes.count == 3 && run.lines.count == 5, "the two good ones are inspected")
    #expect(run.messages.contains("pipe.png") && run.messages.contains("link.png"))
  }
}
