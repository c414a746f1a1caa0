/// A colour on the canvas, 0...255 a channel.
public struct Colour: Sendable, Hashable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static let white = Colour(255, 255, 255)
  public static let black = Colour(0, 0, 0)
  /// Blue and vermilion of Okabe and Ito (2008): told apart by colour-blind readers too.
  public static let good = Colour(0, 114, 178)
  public static let defect = Colour(213, 94, 0)
}

/// An 8-bit RGB picture to draw on.
public struct Canvas: Sendable {
  public let width: Int
  public let height: Int
  private var pixels: [UInt8]

  public init(width: Int, height: Int, fill: Colour) {
    self.width = width
    self.height = height
    pixels = []
    pixels.reserveCapacity(3 * width * height)
    for _ in 0..<width * height { pixels += [fill.red, fill.green, fill.blue] }
  }

  public var image: Image { Image(width: width, height: height, channels: 3, samples: .uint8(pixels)) }

  /// Mixes a colour into one pixel; pixels outside are ignored. `opacity` 0...1.
  public mutating func blend(_ colour: Colour, x: Int, y: Int, opacity: Float) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let at = 3 * (y * width + x)
    func mix(_ old: UInt8, _ new: UInt8) -> UInt8 { UInt8((Float(old) + (Float(new) - Float(old)) * opacity).rounded()) }
    pixels[at] = mix(pixels[at], colour.red)
    pixels[at + 1] = mix(pixels[at + 1], colour.green)
    pixels[at + 2] = mix(pixels[at + 2], colour.blue)
  }

  public mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
    for py in y..<y + max(0, height) {
      for px in x..<x + max(0, width) { blend(colour, x: px, y: py, opacity: 1) }
    }
  }

  /// Draws an image, resized to `width` x `height` with its upper left corner at (`x`, `y`).
  public mutating func draw(_ image: Image, x: Int, y: Int, width: Int, height: Int) {
    var resampler = Resampler(Preprocessing(width: width, height: height))
    let planar = resampler.apply(to: image.forDisplay())
    let plane = width * height
    for py in 0..<height {
      for px in 0..<width {
        let at = py * width + px
        let colour = Colour(
          UInt8((planar[at] * 255).rounded()), UInt8((planar[plane + at] * 255).rounded()),
          UInt8((planar[2 * plane + at] * 255).rounded()))
        blend(colour, x: x + px, y: y + py, opacity: 1)
      }
    }
  }

  /// The outline of a rectangle, `thickness` pixels wide, drawn inwards.
  public mutating func outline(_ r: Rectangle, thickness: Int, _ colour: Colour) {
    let (x, y) = (Int(r.x.rounded()), Int(r.y.rounded()))
    let (w, h) = (max(1, Int(r.width.rounded())), max(1, Int(r.height.rounded())))
    fill(x: x, y: y, width: w, height: thickness, colour)
    fill(x: x, y: y + h - thickness, width: w, height: thickness, colour)
    fill(x: x, y: y, width: thickness, height: h, colour)
    fill(x: x + w - thickness, y: y, width: thickness, height: h, colour)
  }

  /// Lays a heat map over a rectangle of the canvas.
  ///
  /// The scale is absolute: a value of 0 or less leaves the photograph as it is, 1 or more is the hottest colour. It is
  /// never stretched per image, so a good part stays as it was.
  /// - Parameter grid: `[rows, columns]`, row by row; interpolated bilinearly between cell centres.
  public mutating func heat(_ grid: [Float], columns: Int, rows: Int, over r: Rectangle) {
    precondition(grid.count == columns * rows)
    let (x0, y0) = (Int(r.x.rounded(.down)), Int(r.y.rounded(.down)))
    for py in max(0, y0)..<max(0, min(height, Int((r.y + r.height).rounded(.up)))) {
      let gy = min(max((Double(py) + 0.5 - r.y) / r.height * Double(rows) - 0.5, 0), Double(rows - 1))
      for px in max(0, x0)..<max(0, min(width, Int((r.x + r.width).rounded(.up)))) {
        let gx = min(max((Double(px) + 0.5 - r.x) / r.width * Double(columns) - 0.5, 0), Double(columns - 1))
        let (cx, cy) = (Int(gx), Int(gy))
        let (fx, fy) = (Float(gx - Double(cx)), Float(gy - Double(cy)))
        let (nx, ny) = (min(cx + 1, columns - 1), min(cy + 1, rows - 1))
        let top = grid[cy * columns + cx] * (1 - fx) + grid[cy * columns + nx] * fx
        let bottom = grid[ny * columns + cx] * (1 - fx) + grid[ny * columns + nx] * fx
        let value = min(max(top * (1 - fy) + bottom * fy, 0), 1)
        if value > 0 { blend(HeatScale.colour(value), x: px, y: py, opacity: 0.7 * min(1, value * 1.4)) }
      }
    }
  }
}

/// A perceptually ordered scale from dark violet over red to pale yellow.
public enum HeatScale {
  private static let stops: [(Float, Float, Float)] = [
    (40, 10, 90), (110, 20, 110), (175, 45, 90), (225, 85, 45), (250, 150, 10), (252, 255, 165),
  ]

  /// - Parameter value: 0...1.
  public static func colour(_ value: Float) -> Colour {
    let position = min(max(value, 0), 1) * Float(stops.count - 1)
    let index = min(Int(position), stops.count - 2)
    let t = position - Float(index)
    let (a, b) = (stops[index], stops[index + 1])
    func mix(_ a: Float, _ b: Float) -> UInt8 { UInt8((a + (b - a) * t).rounded()) }
    return Colour(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
  }
}
