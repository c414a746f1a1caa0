import AssayData
import AssayTestSupport
import Testing

/// Forms of COCO that programs write, and what is right for each.
@Suite struct COCOCaseTests {
  let folder = TemporaryFolder()

  /// Two good images and two with one annotation each.
  private func write(
    _ annotation: String, id: @escaping (Int) -> String = { "\($0)" }, size: String = #""width": 24, "height": 24"#,
    about: ((Int) -> String)? = nil
  ) {
    folder.pictures((1...4).map { "images/\($0).png" })
    let images = (1...4).map { #"{"id": \#(id($0)), "file_name": "\#($0).png", \#(size)}"# }
    let annotations = (3...4).map {
      #"{"id": \#($0), "image_id": \#((about ?? id)($0)), "category_id": 7, \#(annotation)}"#
    }
    folder.write(
      "coco.json",
      """
      {"images": [\(images.joined(separator: ", "))], "annotations": [\(annotations.joined(separator: ", "))],
       "categories": [{"id": 3, "name": "dent"}, {"id": 7, "name": "scratch"}]}
      """)
  }

  /// Marked pixels of every image with the defect.
  private func marked() throws -> [Set<Int>] {
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 2, "scratch": 2] && dataset.lost.isEmpty)
    return try dataset.samples.filter { $0.label == "scratch" }.map { sample in
      let pixels = try #require(try sample.markedPixels(width: 24, height: 24))
      return Set(pixels.indices.filter { pixels[$0] })
    }
  }

  private func box(_ x: Range<Int>, _ y: Range<Int>) -> Set<Int> { Set(y.flatMap { row in x.map { row * 24 + $0 } }) }

  /// Counts down the columns of a box at 2, 3 of 5 x 7 pixels.
  private let counts = "[51, 7, 17, 7, 17, 7, 17, 7, 17, 7, 422]"

  @Test(arguments: [
    "[]", "[[]]", "[[2, 3, 5, 7]]", "[2, 3, 7, 3, 7, 10, 2, 10]", "[[2, 3, 7, 3, 7, 10, 2, 10]]", "null", "RUNS",
  ])
  func segmentations(_ text: String) throws {
    let segmentation = text == "RUNS" ? #"{"size": [24, 24], "counts": \#(counts)}"# : text
    write(#""bbox": [2, 3, 5, 7], "iscrowd": \#(text == "RUNS" ? 1 : 0), "segmentation": \#(segmentation)"#)
    #expect(try marked() == [box(2..<7, 3..<10), box(2..<7, 3..<10)])
  }

  @Test(arguments: [#""width": null, "height": null"#, #""width": 24.0, "height": 24.0"#, #""license": 1"#])
  func sizes(_ size: String) throws {
    write(#""bbox": [2, 3, 5, 7]"#, size: size)
    #expect(try marked().count == 2)
  }

  @Test func identifiersAsText() throws {
    write(#""bbox": [2, 3, 5, 7]"#, id: { #""00000\#($0)""# })
    #expect(try marked().count == 2)
    write(#""bbox": [2, 3, 5, 7]"#, id: { #""part-\#($0)""# })
    #expect(try marked().count == 2)
    write(#""bbox": [2, 3, 5, 7]"#, id: { #""0\#($0)""# }, about: { "\($0)" })
    #expect(try marked().count == 2, "a number that is a text elsewhere")
  }

  @Test(arguments: [
    #"[2, 3, 0, 7]"#, #"[2, 3, 5]"#, #""2 3 5 7""#, #"[2, 3, "5", 7]"#, "[30, 30, 5, 5]", "[2, 3, -5, 7]",
  ])
  func boxesThatAreNone(_ text: String) throws {
    write(#""segmentation": [], "bbox": \#(text)"#)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 2] && dataset.lost == ["images/3.png", "images/4.png"])
    #expect(dataset.leftOut.map(\.images) == [2] && dataset.leftOut[0].description.hasPrefix("2 images left out"))
  }

  /// The corners of 16 x 4 pixels about 12, 12, turned by 45 degrees: a band along the diagonal.
  @Test(arguments: [#""attributes": {"rotation": 45.0}"#, #""attributes": {"rotation": "45"}"#, #""rotation": 405"#])
  func rotation(_ rotation: String) throws {
    write(#""segmentation": [], "bbox": [4, 10, 16, 4], \#(rotation)"#)
    let turned = box(0..<24, 0..<24).filter { place in
      let (x, y) = (Double(place % 24) + 0.5 - 12, Double(place / 24) + 0.5 - 12)
      let root = 0.5.squareRoot()
      return abs((x + y) * root) < 8 && abs((y - x) * root) < 2
    }
    for pixels in try marked() { #expect(pixels.symmetricDifference(turned).count <= 4) }
    write(#""segmentation": [[4, 10, 20, 10, 20, 14, 4, 14]], "bbox": [4, 10, 16, 4], \#(rotation)"#)
    for pixels in try marked() { #expect(pixels.symmetricDifference(turned).count <= 4, "the straight box again") }
    write(#""segmentation": [[4, 4, 20, 4, 12, 20]], "bbox": [4, 4, 16, 16], \#(rotation)"#)
    let triangle = try marked()[0]
    #expect(triangle.contains(5 * 24 + 12) && !triangle.contains(19 * 24 + 5), "a polygon has its turn already")
  }

  @Test func rotationThatIsNone() throws {
    write(#""segmentation": [], "bbox": [4, 10, 16, 4], "attributes": {"rotation": "steep"}"#)
    #expect(try DatasetReader.read(folder.path).tally == ["good": 2])
  }

  /// Whatever an annotation is about, it is not an image on which nothing is marked.
  @Test func annotationWithoutAnImage() throws {
    write(#""bbox": [2, 3, 5, 7]"#, about: { $0 == 3 ? "3" : "null" })
    #expect(try DatasetReader.read(folder.path).tally == ["scratch": 1])
    write(#""bbox": [2, 3, 5, 7]"#, about: { $0 == 3 ? "3" : #""four""# })
    #expect(try DatasetReader.read(folder.path).tally == ["scratch": 1])
    // Of an image that was taken out of the list.
    write(#""bbox": [2, 3, 5, 7]"#, about: { $0 == 3 ? "3" : "99" })
    #expect(try DatasetReader.read(folder.path).tally == ["good": 3, "scratch": 1])
  }

  @Test func identifiersNamedTwice() throws {
    write(#""bbox": [2, 3, 5, 7]"#, id: { $0 == 4 ? "1" : "\($0)" }, about: { "\($0)" })
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 1, "scratch": 1], "image 1 is two images, and neither is known")
    #expect(dataset.lost == ["images/1.png", "images/4.png"])
  }

  @Test func withoutAnnotations() throws {
    write(#""bbox": [2, 3, 5, 7]"#)
    folder.write("coco.json", #"{"images": [{"id": 1, "file_name": "1.png"}], "categories": []}"#)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["-": 1] && dataset.lost.count == 4, "three images are in no list")
  }
}
