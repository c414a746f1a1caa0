import AssayImage
import Foundation
import Testing

/// No file is read before its size is known to be one that such a file can have.
@Suite struct FileSizeTests {
  /// A file with holes: of any size, and nothing on the disk.
  private func sparse(_ path: String, _ head: [UInt8], size: Int = 300 << 30) throws {
    try Data(head).write(to: URL(fileURLWithPath: path))
    try #require(truncate(path, off_t(size)) == 0)
  }

  private func errors(_ path: String) throws -> [ImageError] {
    try [
      #require(throws: ImageError.self) { try ImageFile.contents(path: path) },
      #require(throws: ImageError.self) { try ImageFile.read(path: path) },
    ]
  }

  @Test func holesAreNoImage() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.png"
      try sparse(path, [])
      for error in try errors(path) {
        #expect(error.reason == .notAnImage && error.file == path && error.cause.contains("zero bytes"))
      }
    }
  }

  @Test(arguments: [("rgb8.png", "PNG"), ("large.jpg", "JPEG"), ("rgb24.bmp", "BMP"), ("plain.ppm", "PNM")])
  func whatFollowsAnImageIsBounded(_ file: String, _ format: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.png"
      try sparse(path, Fixture.bytes(file))
      for error in try errors(path) {
        #expect(error.reason == .tooLarge && error.cause.hasPrefix("\(format) has 322122547200 bytes"), "\(error)")
      }
    }
  }

  /// A TIFF's other pages are not read for the first one's pixels, but all are for the whole file's.
  @Test func aLongTIFFIsReadInPlace() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.tif"
      try sparse(path, Fixture.bytes("rgb8.tif"))
      #expect(try ImageFile.read(path: path) == ImageFile.read(path: Fixture.path("rgb8.tif")))
      let error = try #require(throws: ImageError.self) { try ImageFile.contents(path: path) }
      #expect(error.reason == .tooLarge && error.cause.hasPrefix("TIFF has 322122547200 bytes"))
    }
  }

  /// An uncompressed picture needs its bytes; some megabytes behind any picture do no harm.
  @Test func whatAnImageNeedsIsRead() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.ppm"
      try sparse(path, Array("P6 6000 4000 255\n".utf8), size: 72_000_017)
      #expect(try ImageFile.contents(path: path).count == 72_000_017)
      let png = folder + "/m.png"
      try sparse(png, Fixture.bytes("rgb8.png"), size: 5 << 20)
      #expect(try ImageFile.read(path: png) == ImageFile.read(path: Fixture.path("rgb8.png")))
    }
  }

  @Test func otherFilesHaveTheLimitOfTheirKind() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/labels.csv"
      try sparse(path, Array("path,label\n".utf8))
      let error = try #require(throws: ImageError.self) { try ImageFile.bytes(path: path, limit: 11) }
      #expect(error.reason == .tooLarge && error.cause == "it has 322122547200 bytes, more than the limit of 11")
      try Data("path,label\n".utf8).write(to: URL(fileURLWithPath: path))
      #expect(try ImageFile.bytes(path: path, limit: 11) == Array("path,label\n".utf8))
    }
  }

  @Test func whatIsNoFileIsNotWaitedFor() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/b.png", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: folder + "/l.png", withDestinationPath: "gone.png")
      #expect(mkfifo(folder + "/p.png", 0o600) == 0)
      for (name, reason) in [("b.png", .isDirectory), ("p.png", .notReadable)] as [(String, ImageError.Reason)] {
        #expect(try errors(folder + "/" + name).allSatisfy { $0.reason == reason })
      }
      let link = try errors(folder + "/l.png")[0]
      #expect(link.reason == .notFound && link.cause == "it is a link that leads nowhere")
      #expect(throws: ImageError.self) { try ImageFile.contents(path: "/dev/zero") }
    }
  }
}
