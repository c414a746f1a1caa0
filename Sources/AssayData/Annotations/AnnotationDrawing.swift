public import AssayImage

/// Draws photographs with everything that was understood to be marked on them.
public struct AnnotationDrawing: Sendable {
  /// A drawn photograph.
  public struct Picture: Sendable {
    public let canvas: Canvas
    /// Of the photograph, in pixels.
    public let width: Int
    public let height: Int
    /// Masks that could not be drawn, and why.
    public let troubles: [String]
  }

  /// By class.
  public let colours: [String: Colour]
  /// Larger photographs are reduced to this longest side, in pixels.
  public let maximumSide: Int
  /// Smaller ones are enlarged by a whole factor to at least this, so that marks can be told apart.
  public let minimumSide: Int
  public let maximumPixels: Int

  public init(
    colours: [String: Colour], maximumSide: Int = 640, minimumSide: Int = 256,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) {
    precondition(minimumSide > 0 && maximumSide >= 2 * minimumSide, "a whole factor has to fit between the sides")
    self.colours = colours
    self.maximumSide = maximumSide
    self.minimumSide = minimumSide
    self.maximumPixels = maximumPixels
  }

  /// What is marked without a class, and classes without a colour.
  private static let other = Colour(red: 255, green: 255, blue: 255)

  /// - Throws: `ImageError` when the photograph cannot be read. Masks that cannot be are told in the picture.
  public func draw(_ sample: Sample) throws(ImageError) -> Picture {
    let image = try ImageFile.read(path: sample.path, options: DecodingOptions(maximumPixels: maximumPixels))
    var canvas = Canvas(image).thumbnail(maxSide: maximumSide)
    let longest = max(image.width, image.height)
    if longest < minimumSide {
      let factor = (minimumSide + longest - 1) / longest
      canvas = canvas.resized(width: canvas.width * factor, height: canvas.height * factor)
    }
    var troubles: [String] = []
    for label in Self.filled(sample) {
      var shapes = sample
      shapes.regions.removeAll(where: \.isBox)
      do throws(ImageError) {
        // Nothing but a mask of the whole picture has no class.
        let marked = try shapes.markedPixels(of: label, width: image.width, height: image.height)
        guard let marked else { continue }
        let shown = Self.reduced(marked, image.width, image.height, to: canvas.width, canvas.height)
        canvas.tint(shown, colour(label))
      } catch {
        troubles.append("\(error.file): \(error.cause)")
      }
    }
    let (sx, sy) = (Double(canvas.width) / Double(image.width), Double(canvas.height) / Double(image.height))
    for region in sample.regions {
      switch region.shape {
      case .box(let box):
        let shown = PixelRectangle(x: box.x * sx, y: box.y * sy, width: box.width * sx, height: box.height * sy)
        // A dark line outside keeps a light box visible on a light part.
        canvas.outline(
          PixelRectangle(x: shown.x - 1, y: shown.y - 1, width: shown.width + 2, height: shown.height + 2), .black,
          thickness: 1)
        canvas.outline(shown, colour(region.label))
      case .polygons(let polygons):
        for corners in polygons {
          canvas.outline(corners.map { PixelPoint(x: $0.x * sx, y: $0.y * sy) }, colour(region.label))
        }
      case .runs, .file: break
      }
    }
    return Picture(canvas: canvas, width: image.width, height: image.height, troubles: troubles)
  }

  private func colour(_ label: String?) -> Colour { label.flatMap { colours[$0] } ?? Self.other }

  /// Classes of which pixels are marked, each once; nil for a mask that is of none.
  private static func filled(_ sample: Sample) -> [String?] {
    let shapes: [String?] = Set(sample.regions.filter { !$0.isBox }.map(\.label)).sorted()
    guard sample.mask != nil else { return shapes }
    return shapes.contains(sample.label) ? shapes : shapes + [sample.label]
  }

  /// Marks at another size: a pixel is marked where anything below it is, so that what is small does not vanish.
  static func reduced(_ marked: [Bool], _ width: Int, _ height: Int, to newWidth: Int, _ newHeight: Int) -> [Bool] {
    var result = [Bool](repeating: false, count: newWidth * newHeight)
    for y in 0..<newHeight {
      let top = y * height / newHeight
      let bottom = max(top + 1, (y + 1) * height / newHeight)
      for x in 0..<newWidth {
        let left = x * width / newWidth
        let right = max(left + 1, (x + 1) * width / newWidth)
        result[y * newWidth + x] = (top..<bottom).contains { row in
          (left..<right).contains { marked[row * width + $0] }
        }
      }
    }
    return result
  }
}
