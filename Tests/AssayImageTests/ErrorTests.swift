import AssayImage
import Foundation
import Testing

@Suite struct ErrorTests {
  private func error(_ bytes: [UInt8], _ options: DecodingOptions = .init()) -> ImageError? {
    #expect(throws: ImageError.self) { try ImageFile.decode(bytes, name: "part.png", options: options) }
  }

  private func error(path: String) -> ImageError? {
    let read = #expect(throws: ImageError.self) { try ImageFile.read(path: path) }
    let header = #expect(throws: ImageError.self) { try ImageFile.header(path: path) }
    #expect(read == header)
    return read
  }

  @Test func missingFile() {
    let error = error(path: "/nowhere/part.png")
    #expect(error?.reason == .notFound)
    #expect(error?.description == "/nowhere/part.png: there is no such file; check the path")
  }

  @Test func folderInsteadOfAFile() throws {
    try withTemporaryFolder { #expect(error(path: $0)?.reason == .isDirectory) }
  }

  @Test func emptyFile() throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/a.png"))
      #expect(error(path: folder + "/a.png")?.reason == .empty)
    }
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything")) func unreadableFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.png"
      #expect(FileManager.default.createFile(atPath: path, contents: Data([1]), attributes: [.posixPermissions: 0]))
      #expect(error(path: path)?.reason == .notReadable)
    }
  }

  @Test func pipeIsNotWaitedFor() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.png"
      #expect(mkfifo(path, 0o600) == 0)
      #expect(error(path: path)?.reason == .notReadable)
    }
  }

  @Test(arguments: [
    ("<!DOCTYPE html><html>", "an HTML page"), ("{\"error\": 404}", "a JSON document"), ("hello\n", "text"),
    ("PK\u{3}\u{4}rest", "a ZIP archive"), ("%PDF-1.7", "a PDF document"), ("\0\0\0\0\0\0\0\0", "zero bytes"),
    ("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"), ("\u{1}\u{2}\u{3}", "unknown binary data"),
  ])
  func contentThatIsNoImage(_ content: String, _ name: String) {
    let error = error(Array(content.utf8))
    #expect(error?.reason == .notAnImage)
    #expect(error?.cause.contains(name) == true, "\(error?.cause ?? "")")
  }

  @Test(arguments: ["GIF89a......", "\0\0\0\u{18}ftypheic"])
  func imagesOfOtherFormatsAreNamed(_ content: String) {
    #expect(error(Array(content.utf8))?.reason == .unsupported)
  }

  @Test(arguments: ["float32.tif", "signed16.tif", "rle8.bmp", "animated.webp"])
  func unsupportedKindsSayWhatToDo(_ file: String) {
    let error = error(path: Fixture.path(file))
    #expect(error?.reason == .unsupported)
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func truncationGivesByteCounts() throws {
    let png = Fixture.bytes("rgb8.png")
    #expect(
      error(Array(png.dropLast(20)))?.description
        == "part.png: PNG is truncated at byte \(png.count - 20) of at least \(png.count - 12); copy it again")
    let bmp = Fixture.bytes("rgb24.bmp")
    #expect(error(Array(bmp.dropLast(9)))?.cause == "BMP is truncated at byte \(bmp.count - 9) of \(bmp.count)")
    let tiff = Fixture.bytes("rgb8.tif")
    #expect(error(Array(tiff.dropLast(1)))?.cause.hasPrefix("TIFF is truncated at byte \(tiff.count - 1)") == true)
  }

  /// Every shorter form of every fixture is refused, and named truncated where nothing else is wrong.
  @Test(arguments: Fixture.formats) func truncatedFilesAreRefused(_ format: Fixture.Format) {
    let bytes = Fixture.bytes(format.file)
    for length in stride(from: 1, to: bytes.count, by: bytes.count > 400 ? 7 : 1) {
      // A number of a text file that lost its last digits is still a number, and this page is whole without the next.
      if isWhole(format.file, bytes, length) { continue }
      let error = error(Array(bytes.prefix(length)))
      if length > 16, !format.file.hasSuffix(".tif") {
        #expect(error?.reason == .truncated, "\(length) of \(bytes.count): \(error?.description ?? "none")")
      }
    }
  }

  private func isWhole(_ file: String, _ bytes: [UInt8], _ length: Int) -> Bool {
    switch file {
    case "plain.pgm", "plain.ppm", "maxval4095-plain.pgm":
      let lastSpace = bytes.dropLast().lastIndex { $0 == 32 || $0 == 10 }!
      return length > lastSpace
    case "two-pages.tif": return true
    default: return false
    }
  }

  /// Damaged files never crash, and what is returned all the same has the size that the header says.
  @Test(arguments: Fixture.formats) func damagedFilesNeverCrash(_ format: Fixture.Format) {
    let bytes = Fixture.bytes(format.file)
    var random = SplitMix64(state: UInt64(bytes.count))
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let options = DecodingOptions(maximumPixels: 1_000_000)
      guard let image = try? ImageFile.decode(damaged, name: format.file, options: options) else { continue }
      let header = try? ImageFile.header(of: damaged, name: format.file)
      #expect(header?.width == image.width && header?.height == image.height)
    }
  }

  /// What checksums and codes protect is noticed: a damaged byte in the pixels of these files is an error.
  @Test(arguments: ["rgb8.png", "gray16-deflate.tif"]) func damageInThePixelsIsNoticed(_ file: String) {
    var bytes = Fixture.bytes(file)
    bytes[bytes.count - 40] ^= 0x55
    #expect(error(bytes)?.reason == .corrupt)
  }

  @Test func damageInJPEGDataIsNoticed() {
    var bytes = Fixture.bytes("large.jpg")
    // A restart marker where none may be.
    bytes[bytes.count - 200] = 0xFF
    bytes[bytes.count - 199] = 0xD3
    let error = error(bytes)
    #expect(error?.reason == .corrupt || error?.reason == .truncated)
  }

  @Test func pixelLimitIsCheckedBeforeMemoryIsTaken() throws {
    let options = DecodingOptions(maximumPixels: 90)
    for format in Fixture.formats {
      let bytes = Fixture.bytes(format.file)
      let error = #expect(throws: ImageError.self) {
        try ImageFile.decode(bytes, name: format.file, options: options)
      }
      #expect(error?.reason == .tooLarge, "\(format.file)")
      #expect(error?.cause.contains("limit of 90") == true)
      #expect(throws: ImageError.self) {
        try ImageFile.header(of: bytes, name: format.file, maximumPixels: options.maximumPixels)
      }
    }
  }

  /// 65,535 x 65,535 samples of 16-bit RGB would be 26 GB.
  @Test func hugeDeclaredSizesAreRefused() {
    var png = Fixture.bytes("rgb16.png")
    png.replaceSubrange(16..<24, with: [0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF])
    #expect(error(png)?.reason == .tooLarge)
    png.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(error(png)?.reason == .tooLarge)
    var bmp = Fixture.bytes("rgb24.bmp")
    // The most negative height has no positive counterpart in 32 bits.
    bmp.replaceSubrange(18..<26, with: [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0x80])
    #expect(error(bmp)?.reason == .tooLarge)
    #expect(error(Array("P5 65535 65535 255\n".utf8))?.reason == .tooLarge)
    #expect(error(Array("P5 99999999999999999999 9999999999999999999 255\n".utf8))?.reason == .tooLarge)
  }

  @Test func imagesWithoutPixelsAreRefused() {
    var png = Fixture.bytes("rgb8.png")
    png.replaceSubrange(16..<20, with: [0, 0, 0, 0])
    #expect(error(png)?.reason == .corrupt)
    #expect(error(Array("P5 0 4 255\n".utf8))?.reason == .corrupt)
    var bmp = Fixture.bytes("rgb24.bmp")
    bmp.replaceSubrange(22..<26, with: [0, 0, 0, 0])
    #expect(error(bmp)?.reason == .corrupt)
  }

  @Test func decodingFromManyThreadsKeepsMessagesApart() async {
    let files = ["rgb8.png", "rgb8-lzw.tif", "large.jpg", "gray16-deflate.tif"]
    await withTaskGroup(of: Bool.self) { group in
      for round in 0..<64 {
        let bytes = Fixture.bytes(files[round % 4])
        let length = bytes.count - 1 - round / 4
        group.addTask {
          do throws(ImageError) {
            _ = try ImageFile.decode(Array(bytes.prefix(length)), name: "\(round)")
            return false
          } catch {
            return error.file == "\(round)" && error.reason == .truncated && error.cause.contains("\(length)")
          }
        }
      }
      for await succeeded in group { #expect(succeeded) }
    }
  }
}
