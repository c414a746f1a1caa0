import AssayPlant
import AssayStation
import AssayTestSupport
import Foundation
import Testing

/// Pictures belong to the part that is there when they arrive, whatever a clock says.
@Suite struct NewestPictureTests {
  let folder = TemporaryFolder()

  private func write(_ name: String, _ text: String, hours: Double = 0) {
    folder.write(name, text)
    let date = Date().addingTimeInterval(hours * 3600)
    try! FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder.path + "/" + name)
  }

  /// What a trigger gets, and nothing else until the next.
  private func trigger(_ source: NewestPicture) async -> String {
    do throws(ModbusFault) {
      let picture = try await source.next(before: monotonicSeconds() + 0.05)
      source.settle(picture)
      return String(decoding: picture.input.file ?? [], as: UTF8.self)
    } catch { return "\(error)" }
  }

  @Test func clocksDoNotCount() async throws {
    write("there.png", "of a part that has passed", hours: 2)
    let source = try NewestPicture(folder: folder.path)
    #expect(await trigger(source) == "noPicture")
    write("a.png", "an hour behind", hours: -1)
    #expect(await trigger(source) == "an hour behind")
    write("b.png", "an hour ahead", hours: 1)
    #expect(await trigger(source) == "an hour ahead")
    write("c.png", "on time")
    #expect(await trigger(source) == "on time", "a picture from the future stands in nobody's way")
    write("d.png", "years behind", hours: -100_000)
    #expect(await trigger(source) == "years behind")
    #expect(await trigger(source) == "noPicture")
  }

  /// Of several the last to arrive, and none of the others later.
  @Test func theLastToArriveCounts() async throws {
    let source = try NewestPicture(folder: folder.path)
    for (name, hours) in [("z.png", 3.0), ("y.png", -3), ("x.png", 0)] {
      write(name, name, hours: hours)
      // The file system's clock ticks in steps of some milliseconds.
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(await trigger(source) == "x.png")
    #expect(await trigger(source) == "noPicture")
  }

  /// Writers set times, add to files and rename them after the picture was whole: it stays the picture of its part.
  @Test func theSamePictureDoesNotComeAgain() async throws {
    let source = try NewestPicture(folder: folder.path)
    write("a.png", "picture")
    #expect(await trigger(source) == "picture")
    let path = folder.path + "/a.png"
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 9e8)], ofItemAtPath: path)
    #expect(await trigger(source) == "noPicture", "its time was set")
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data(" and a comment".utf8))
    #expect(await trigger(source) == "noPicture", "it was added to")
    try FileManager.default.moveItem(atPath: path, toPath: folder.path + "/b.png")
    #expect(await trigger(source) == "noPicture", "it was renamed")
    // The same name and place with another picture is another picture.
    let other = try #require(FileHandle(forWritingAtPath: folder.path + "/b.png"))
    try other.write(contentsOf: Data("PICTURE".utf8))
    #expect(await trigger(source) == "PICTURE and a comment")
  }

  /// A share that was away: nothing of what it brings back is new.
  @Test func anOutageMakesNothingNew() async throws {
    write("in/a.png", "of a part that has passed")
    let source = try NewestPicture(folder: folder.path + "/in")
    try FileManager.default.moveItem(atPath: folder.path + "/in", toPath: folder.path + "/away")
    #expect(await trigger(source) == "noPicture")
    try FileManager.default.createDirectory(atPath: folder.path + "/in", withIntermediateDirectories: true)
    #expect(await trigger(source) == "noPicture")
    try FileManager.default.removeItem(atPath: folder.path + "/in")
    try FileManager.default.moveItem(atPath: folder.path + "/away", toPath: folder.path + "/in")
    #expect(await trigger(source) == "noPicture")
    write("in/b.png", "the next")
    #expect(await trigger(source) == "the next")
  }

  /// Neither is read: the one has no end, the other is no file.
  @Test func whatCannotBeReadIsInNobodysWay() async throws {
    let source = try NewestPicture(folder: folder.path)
    folder.write("sparse.png", "")
    #expect(truncate(folder.path + "/sparse.png", 300 << 30) == 0)
    #expect(mkfifo(folder.path + "/pipe.png", 0o644) == 0)
    folder.link("link.png", to: "/dev/zero")
    #expect(await trigger(source) == "unreadable")
    #expect(await trigger(source) == "noPicture", "said once")
    write("a.png", "the next")
    #expect(await trigger(source) == "the next")
  }
}
