public import AssayBase
public import AssayBundle
import AssayImage
import Foundation

/// Reads `--roi` and `--ignore`: a mask image or a JSON file of polygons.
public enum RegionFile {
  /// - Parameters:
  ///   - roi: image whose pixels above half are judged, or JSON; nil for everywhere.
  ///   - ignore: image whose pixels above half are not judged, or JSON.
  public static func read(roi: String?, ignore: String?) throws(WorkflowError) -> RegionOfInterest? {
    var region = try roi.map { (path) throws(WorkflowError) in try read(path, isIgnored: false) } ?? nil
    if let ignore {
      let other = try read(ignore, isIgnored: true)
      region = try region.map { (own) throws(WorkflowError) in try joined(own, other, ignore) } ?? other
    }
    if let region, !region.mask().contains(true) {
      throw WorkflowError(
        .badData, "\(roi ?? ignore ?? ""): nothing is left to judge; white (or the inside of a polygon) is what counts")
    }
    return region
  }

  private struct Polygons: Decodable {
    let width: Int
    let height: Int
    let include: [[[Double]]]?
    let ignore: [[[Double]]]?
  }

  private static func read(_ path: String, isIgnored: Bool) throws(WorkflowError) -> RegionOfInterest {
    guard path.lowercased().hasSuffix(".json") else { return try mask(path, isIgnored: isIgnored) }
    let data: [UInt8]
    do throws(PlainFile.Refusal) {
      data = try PlainFile.contents(path, links: .followed)
    } catch {
      guard error.isMissing else { throw WorkflowError(.noInput, "\(error); name a file that can be read") }
      throw WorkflowError(.noInput, "\(path): there is no such file; check the path")
    }
    guard let found = try? JSONDecoder().decode(Polygons.self, from: Data(data)), found.width > 0, found.height > 0,
      (found.include ?? []).joined().allSatisfy({ $0.count == 2 }),
      (found.ignore ?? []).joined().allSatisfy({ $0.count == 2 })
    else {
      throw WorkflowError(
        .badData,
        "\(path): it is not a file of polygons; write {\"width\": 640, \"height\": 480, \"include\": [[[x, y], ...]], "
          + "\"ignore\": [[[x, y], ...]]} in pixels of the photographs")
    }
    func corners(_ polygons: [[[Double]]]?) -> [[PixelPoint]] {
      (polygons ?? []).map { $0.map { PixelPoint(x: $0[0], y: $0[1]) } }
    }
    let (include, ignore) = (corners(found.include), corners(found.ignore))
    let region = RegionOfInterest(
      width: found.width, height: found.height, include: isIgnored ? [] : include,
      ignore: isIgnored ? include + ignore : ignore)
    // What a bundle would be refused for when it is opened is refused before it is trained.
    do { try region.check() } catch {
      throw WorkflowError(.badData, "\(path): its polygons make no sense: it \(error.cause); correct it")
    }
    return region
  }

  private static func mask(_ path: String, isIgnored: Bool) throws(WorkflowError) -> RegionOfInterest {
    do {
      let image = try ImageFile.read(path: path)
      let bright: [Bool]
      switch image.samples {
      case .uint8(let values): bright = stride(from: 0, to: values.count, by: image.channels).map { values[$0] > 127 }
      case .uint16(let values):
        // A mask of 10 or 12 bits in 16 is bright at the end of its own range.
        let largest = Int(values.max() ?? 0)
        bright = stride(from: 0, to: values.count, by: image.channels).map { 2 * Int(values[$0]) > largest }
      }
      return RegionOfInterest(
        width: image.width, height: image.height, runs: RegionOfInterest.runs(of: bright.map { $0 != isIgnored }))
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func joined(
    _ a: RegionOfInterest, _ b: RegionOfInterest, _ path: String
  ) throws(WorkflowError) -> RegionOfInterest {
    guard a.width == b.width, a.height == b.height else {
      throw WorkflowError(
        .badData,
        "\(path): it is for photographs of \(b.width) x \(b.height) pixels, --roi for \(a.width) x \(a.height); make "
          + "both of one size")
    }
    let (first, second) = (a.mask(), b.mask())
    return RegionOfInterest(
      width: a.width, height: a.height, include: a.include, ignore: a.ignore + b.ignore,
      runs: RegionOfInterest.runs(of: zip(first, second).map { $0 && $1 }))
  }
}
