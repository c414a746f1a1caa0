import AssayData
import AssayImage
import AssayMethodsSupport
import AssayTestSupport
import AssayWorkflows
import Foundation
import Testing

/// `assay data --show`.
@Suite struct GalleryTests {
  private static let red = Colour(red: 213, green: 94, blue: 0)

  private func gray(_ width: Int, _ height: Int) -> [UInt8] {
    Array("P5 \(width) \(height) 255\n".utf8) + [UInt8](repeating: 128, count: width * height)
  }

  private func pixel(_ canvas: Canvas, _ x: Int, _ y: Int) -> Colour {
    let at = 3 * (y * canvas.width + x)
    return Colour(red: canvas.pixels[at], green: canvas.pixels[at + 1], blue: canvas.pixels[at + 2])
  }

  /// A photograph of 64 x 64 is shown four times as large, and a box from (10, 20) to (40, 30) with it.
  @Test func boxesAreWhereTheyAreMarked() throws {
    let parts = PartsFolder(each: 0)
    parts.write("a.pgm", gray(64, 64))
    let box = AnnotatedRegion(label: "x", shape: .box(PixelRectangle(x: 10, y: 20, width: 30, height: 10)))
    let picture = try AnnotationDrawing(colours: ["x": Self.red]).draw(
      Sample(path: parts.path + "/a.pgm", name: "a.pgm", label: "x", regions: [box]))
    let canvas = picture.canvas
    #expect(canvas.width == 256 && canvas.height == 256 && picture.width == 64)
    for (x, y) in [(40, 80), (159, 80), (40, 119), (159, 119), (100, 81), (41, 100)] {
      #expect(pixel(canvas, x, y) == Self.red, "(\(x), \(y)) is on the line, two pixels wide")
    }
    #expect(pixel(canvas, 100, 100) == Colour(red: 128, green: 128, blue: 128), "inside is the photograph")
    #expect(pixel(canvas, 39, 100) == .black && pixel(canvas, 160, 100) == .black, "a dark line outside")
    #expect(pixel(canvas, 30, 100) == Colour(red: 128, green: 128, blue: 128))
  }

  /// 2,560 pixels are shown as 640; a mask of one pixel must not vanish.
  @Test func smallMasksStayVisible() throws {
    let parts = PartsFolder(each: 0)
    parts.write("a.pgm", gray(2560, 64))
    let mask = AnnotatedRegion(
      label: "x",
      shape: .runs(try RunLengthMask(startsAndLengths: "\(64 * 1001 + 8 + 1) 1", width: 2560, height: 64)))
    let canvas = try AnnotationDrawing(colours: ["x": Self.red]).draw(
      Sample(path: parts.path + "/a.pgm", name: "a.pgm", label: "x", regions: [mask])
    ).canvas
    #expect(canvas.width == 640 && canvas.height == 16)
    // Column 1,001 and row 8 of the photograph.
    #expect(pixel(canvas, 250, 2) == Self.red)
    let marked = (0..<16).flatMap { y in (0..<640).map { pixel(canvas, $0, y) } }.count { $0 == Self.red }
    #expect(marked == 1)
  }

  @Test func masksAreTintedInsideAndFullAtTheEdge() {
    var canvas = Canvas(width: 5, height: 5, colour: Colour(red: 100, green: 100, blue: 100))
    let marked = (0..<25).map { (1...3).contains($0 % 5) && (1...3).contains($0 / 5) }
    canvas.tint(marked, Colour(red: 200, green: 0, blue: 100), opacity: 0.5)
    #expect(pixel(canvas, 1, 1) == Colour(red: 200, green: 0, blue: 100))
    #expect(pixel(canvas, 2, 2) == Colour(red: 150, green: 50, blue: 100))
    #expect(pixel(canvas, 0, 2) == Colour(red: 100, green: 100, blue: 100))
  }

  private func files(_ folder: String) -> Set<String> {
    let found = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return Set(
      found.filter { name in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
          && !isFolder.boolValue
      })
  }

  private func show(_ set: String, _ output: String) throws -> DatasetGallery.Result {
    var dataset = try DatasetReader.read(set)
    try dataset.take(set, for: .classes, isStrict: false, progress: { _ in })
    return try DatasetGallery.write(dataset, path: set, to: output)
  }

  @Test func everythingUnderstoodIsOnAPage() throws {
    let parts = PartsFolder(each: 0)
    for index in 0..<3 {
      parts.write("set/images/train/p\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: true))
      parts.write("set/labels/train/p\(index).txt", Array("0 0.5 0.5 0.2 0.5\n".utf8))
      // The same names in another folder do not clash.
      parts.write("set/images/val/p\(index).pgm", Pictures.brushedMetal(seed: 50 + index, isScratched: false))
    }
    // One of the part has a label file, so it was labelled: nothing is marked on the others.
    parts.write("set/labels/val/p0.txt", [])
    parts.write("set/images/train/a<b>&.pgm", Pictures.brushedMetal(seed: 9, isScratched: true))
    parts.write("set/labels/train/a<b>&.txt", Array("7 0.5 0.5 0.2 0.5\n".utf8))
    parts.write("set/images/train/short.pgm", Array("P5 64 64 255\n".utf8))
    parts.write("set/data.yaml", Array("names: [scratch]\ntrain: images/train\nval: images/val\n".utf8))
    let output = parts.path + "/out"
    let result = try show(parts.path + "/set", output)
    // Six with labels or none, and the one left out whose class is not declared; the short one cannot be drawn.
    #expect(result.pictures == 7)
    #expect(result.reading.leftOutImages == 2)
    let found = files(output)
    #expect(found.count { $0.hasSuffix(".jpg") } == 7 && found.contains("index.html") && found.contains(".assay-show"))
    let pages = try found.filter { $0.hasSuffix(".html") }.sorted().map { name in
      (name, try String(contentsOfFile: output + "/" + name, encoding: .utf8))
    }
    for (name, html) in pages {
      #expect(!html.contains("<script") && !html.contains("http") && !html.contains(parts.path + "/out"))
      // Every link leads somewhere.
      let folder = name.contains("/") ? output + "/pages" : output
      for part in html.components(separatedBy: "href=\"").dropFirst()
        + html.components(separatedBy: "src=\"").dropFirst()
      {
        let link = String(part.prefix { $0 != "\"" })
        #expect(FileManager.default.fileExists(atPath: folder + "/" + link), "\(name): \(link)")
      }
    }
    let index = try #require(pages.first { $0.0 == "index.html" }).1
    #expect(index.contains("scratch") && index.contains("validation") && index.contains("Left out"))
    let all = pages.map(\.1).joined()
    #expect(all.contains("a&lt;b&gt;&amp;.pgm") && all.contains("short.pgm") && all.contains("scratch: 1 box"))
    // Nothing beside it is left.
    let beside = try FileManager.default.contentsOfDirectory(atPath: parts.path)
    #expect(Set(beside) == ["set", "out"])
  }

  @Test func onlyItsOwnFolderIsReplaced() throws {
    let parts = PartsFolder(each: 2)
    let set = parts.path + "/set"
    try FileManager.default.createDirectory(atPath: set, withIntermediateDirectories: true)
    for name in ["good", "scratch"] {
      try FileManager.default.moveItem(atPath: parts.path + "/" + name, toPath: set + "/" + name)
    }
    let output = parts.path + "/out"
    #expect(try show(set, output).pictures == 4)
    try FileManager.default.removeItem(atPath: set + "/good/0.pgm")
    #expect(try show(set, output).pictures == 3, "what it has written it writes again")
    #expect(files(output).count { $0.hasSuffix(".jpg") } == 3, "and nothing of the first is left")

    parts.write("out/notes.txt", Array("mine".utf8))
    #expect(throws: WorkflowError.self, "somebody put a file there") { try show(set, output) }
    #expect(FileManager.default.fileExists(atPath: output + "/notes.txt"))
    parts.write("other/mine.txt", Array("mine".utf8))
    for folder in ["other", "other/mine.txt", "set/inside", "set"] {
      #expect(throws: WorkflowError.self, "\(folder)") { try show(set, parts.path + "/" + folder) }
    }
    try FileManager.default.createDirectory(atPath: parts.path + "/empty", withIntermediateDirectories: true)
    #expect(try show(set, parts.path + "/empty").pictures == 3)

    let dataset = try DatasetReader.read(set)
    let before = Set(try FileManager.default.contentsOfDirectory(atPath: parts.path))
    #expect(throws: WorkflowError.self) {
      try DatasetGallery.write(dataset, path: set, to: parts.path + "/new", isCancelled: { true })
    }
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: parts.path)) == before, "nothing half-written stays")
  }

  @Test func manyPicturesAreDividedIntoPages() throws {
    let parts = PartsFolder(each: 0)
    for index in 0..<250 { parts.write("set/good/\(index).pgm", gray(8, 8)) }
    parts.write("set/scratch/0.pgm", gray(8, 8))
    _ = try show(parts.path + "/set", parts.path + "/out")
    let pages = files(parts.path + "/out").filter { $0.hasPrefix("pages/1-") }
    #expect(pages == ["pages/1-1.html", "pages/1-2.html", "pages/1-3.html"], "at most 120 on each")
    let last = try String(contentsOfFile: parts.path + "/out/pages/1-3.html", encoding: .utf8)
    #expect(last.components(separatedBy: "<img loading=\"lazy\"").count - 1 == 10)
  }
}
