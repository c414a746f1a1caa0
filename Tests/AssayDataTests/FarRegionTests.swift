import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Regions whose numbers are finite and still make no sense: what was drawn on a photograph is near it.
@Suite struct FarRegionTests {
  /// Corners whose differences overflow: they are named, and the image belongs to no class.
  @Test(arguments: [
    #""segmentation": [[1e300, -1.7e308, -1e300, 1.7e308, 9, 9]], "bbox": [1, 1, 8, 8]"#,
    #""segmentation": [], "bbox": [1, 1, 1e300, 8]"#,
    #""segmentation": [], "bbox": [-1e308, 1, 1e308, 8], "attributes": {"rotation": 45}"#,
  ])
  func farCorners(_ shape: String) throws {
    let folder = TemporaryFolder()
    for name in 0..<2 { folder.picture("images/\(name).jpg", seed: name) }
    folder.write(
      "coco.json",
      #"{"images": [{"id": 0, "file_name": "0.jpg"}, {"id": 1, "file_name": "1.jpg"}],"#
        + #" "categories": [{"id": 1, "name": "bent"}], "annotations": [{"image_id": 1, "category_id": 1, \#(shape)}]}"#
    )
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.samples.map(\.name) == ["images/0.jpg"])
    let problem = try #require(dataset.problems.first { $0.image == "images/1.jpg" })
    #expect(problem.cause.contains("places in pixels"))
  }

  /// A mask whose frame is a million pixels wide and high, all of it marked: the photograph is marked whole, at once.
  @Test(.timeLimit(.minutes(1))) func hugeFrame() throws {
    let folder = TemporaryFolder()
    folder.picture("0.jpg", seed: 0)
    folder.write(
      "annotations.xml",
      #"<annotations><image name="0.jpg" width="24" height="24"><mask label="bent" rle="0, 1099511627776" left="-20""#
        + #" top="-1000000" width="1048576" height="1048576"/></image></annotations>"#)
    let sample = try #require(try DatasetReader.read(folder.path).samples.first)
    #expect(try sample.markedPixels(width: 24, height: 24)?.allSatisfy { $0 } == true)
  }

  /// Both orders against pixel by pixel, the frame beginning before and inside of the picture.
  @Test(arguments: [RunLengthMask.Order.columns, .rows], [(-2, -1), (1, 2), (-7, 0), (5, 5), (.min, .max)])
  func framesBeyondTheEdge(_ order: RunLengthMask.Order, _ corner: (Int, Int)) throws {
    let (width, height) = (5, 4)
    let mask = try RunLengthMask(
      counts: [1, 3, 2, 7, 1, 2], x: corner.0, y: corner.1, width: width, height: height, order: order,
      isComplete: false)
    var expected = [Bool](repeating: false, count: 6 * 6)
    for place in mask.runs.joined() {
      let (column, row) = order == .columns ? (place / height, place % height) : (place % width, place / width)
      let (x, y) = (
        corner.0.addingReportingOverflow(column).partialValue, corner.1.addingReportingOverflow(row).partialValue
      )
      if (0..<6).contains(x), (0..<6).contains(y) { expected[y * 6 + x] = true }
    }
    let sample = Sample(path: "0.png", name: "0.png", regions: [AnnotatedRegion(label: "bent", shape: .runs(mask))])
    #expect(try sample.markedPixels(width: 6, height: 6) == expected)
  }
}
