public import AssayImage

extension Sample {
  /// Whether it is known which of its pixels are marked: by a mask, boxes, polygons or runs.
  public var hasPixelTruth: Bool { mask != nil || !regions.isEmpty }

  /// Whether it is known for every one of these classes which of its pixels show it.
  public func hasPixelTruth(of labels: Set<String>) -> Bool {
    let known = Set(regions.map(\.label)).union(mask == nil ? [] : [label].compactMap { $0 })
    return labels.isSubset(of: known)
  }

  /// The marked pixels, `[height, width]` row by row; nil when nothing is known of them.
  /// - Parameters:
  ///   - label: only what is marked as this class; nil for everything.
  ///   - width, height: of the photograph, in pixels.
  /// - Throws: ``ImageError`` when a mask image cannot be read or has another size.
  public func markedPixels(of label: String? = nil, width: Int, height: Int) throws(ImageError) -> [Bool]? {
    guard hasPixelTruth else { return nil }
    var marked = [Bool](repeating: false, count: width * height)
    if let mask, label == nil || label == self.label { try Self.fill(&marked, file: mask, width, height) }
    for region in regions where label == nil || region.label == label {
      switch region.shape {
      case .box(let box):
        let columns = PolygonFill.span(box.x, box.x + box.width, limit: width)
        for row in PolygonFill.span(box.y, box.y + box.height, limit: height) {
          for column in columns { marked[row * width + column] = true }
        }
      case .polygons(let polygons):
        for corners in polygons { PolygonFill.fill(corners, into: &marked, width: width, height: height) }
      case .runs(let runs): runs.fill(&marked, width: width, height: height)
      case .file(let path): try Self.fill(&marked, file: path, width, height)
      }
    }
    return marked
  }

  private static func fill(
    _ marked: inout [Bool], file: String, _ width: Int, _ height: Int
  ) throws(ImageError) {
    let image = try ImageFile.read(path: file)
    guard image.width == width, image.height == height else {
      throw ImageError(
        file: file, reason: .unsupported,
        cause: "the mask is \(image.width) x \(image.height) pixels, its photograph \(width) x \(height)",
        remedy: "export the mask in the photograph's size")
    }
    let channels = image.channels
    switch image.samples {
    case .uint8(let values):
      for place in marked.indices {
        for channel in 0..<channels where values[place * channels + channel] > 0 { marked[place] = true }
      }
    case .uint16(let values):
      for place in marked.indices {
        for channel in 0..<channels where values[place * channels + channel] > 0 { marked[place] = true }
      }
    }
  }
}
